"""An edition under embargo is whole and verifiable, and nobody serves it."""

from datetime import UTC, datetime, timedelta

import pytest

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.publish import publish
from barograph.publish.embargo import refusal
from barograph.publish.traced import read_manifest, verify
from barograph.starter import create

UNTIL = "2027-02-15T06:00:00+01:00"
MOMENT = datetime.fromisoformat(UNTIL)


def test_it_closes_everything_until_the_moment():
    closed = refusal({"embargo": UNTIL}, MOMENT - timedelta(hours=2))
    assert closed is not None
    assert closed.status == 503
    assert closed.headers["Retry-After"] == "7201"
    assert UNTIL in closed.body.decode()
    assert refusal({"embargo": UNTIL}, MOMENT) is None
    assert refusal({"embargo": UNTIL}, MOMENT.astimezone(UTC)) is None
    assert refusal({"embargo": None}, MOMENT) is None
    assert refusal({}, MOMENT) is None


@pytest.mark.parametrize("said", ["soon", "2027-02-15T06:00:00", 5])
def test_an_embargo_that_cannot_be_read_opens_nothing(said):
    with pytest.raises(BadInput, match="no moment"):
        refusal({"embargo": said}, MOMENT)


def test_the_manifest_carries_it_and_verify_works(tmp_path):
    create(tmp_path / "barometer")
    path = tmp_path / "barometer" / "2026" / "wave.toml"
    path.write_text(f"embargo = {UNTIL}\n" + path.read_text())
    wave = Barometer.open(tmp_path / "barometer").wave("2026")
    edition = publish(wave, tmp_path / "edition")
    assert read_manifest(edition)["embargo"] == UNTIL
    assert verify(edition) > 10
    assert UNTIL in (edition / "en" / "press.html").read_text()


@pytest.mark.parametrize("said", ['"2027-02-15"', "2027-02-15", "2027-02-15T06:00:00"])
def test_wave_toml_needs_the_offset(tmp_path, said):
    create(tmp_path / "barometer")
    path = tmp_path / "barometer" / "2026" / "wave.toml"
    path.write_text(f"embargo = {said}\n" + path.read_text())
    with pytest.raises(BadInput, match="offset"):
        Barometer.open(tmp_path / "barometer").wave("2026")
