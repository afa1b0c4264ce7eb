"""A whole season on both databases: what is published is what the robots said, and nobody was bothered twice."""

import pytest
from season import BOUNCING, FIRST, HANDING_OVER, LATE, REFUSED, SECOND, play
from servers import postgresql

pytestmark = [pytest.mark.xdist_group("season"), pytest.mark.timeout(1500)]
UNITS = 589
SIGNED = FIRST + SECOND + LATE


def check(played):
    """The counts of the season against what the robots know."""
    assert (played.invited, played.answered) == (UNITS, SIGNED)
    assert (played.handed_over, played.bounced, played.opted_out) == (HANDING_OVER, BOUNCING, 1)
    # Neither those refused, bounced or unwilling, nor who had signed, are reminded; each round once.
    out = REFUSED + BOUNCING + 1
    assert played.reminded == (UNITS - out - FIRST) + (UNITS - out - FIRST - SECOND)
    assert (played.duplicate_invitations, played.lost, played.edition_n) == (0, 0, SIGNED)
    assert played.desk_queries <= 25
    for name, (published, true) in played.representativity.items():
        assert published == pytest.approx(true, rel=1e-12), name


def test_a_season_on_sqlite(tmp_path):
    check(play(tmp_path))


def test_a_season_on_postgresql(tmp_path):
    with postgresql() as address:
        check(play(tmp_path, address))
