"""The frame on its dates, and every fault told with file, row and column."""

from datetime import date

import pytest

from barograph.errors import BadInput
from barograph.frame import Domain, kept, read, successions

DOMAINS = {"region": Domain("region", {}, {"north": {}, "south": {}})}
HEADER = "nis,name_official,region,valid_from,valid_to\n"
GOOD = "1,A,north,,\n2,B,south,,2018-12-31\n3,C,south,2019-01-01,\n"


@pytest.mark.parametrize(
    ("day", "units", "rural"),
    [
        (date(2017, 2, 1), {"flanders": 308, "brussels": 19, "wallonia": 262}, 134),
        (date(2018, 12, 31), {"flanders": 308, "brussels": 19, "wallonia": 262}, 134),
        (date(2019, 1, 1), {"flanders": 300, "brussels": 19, "wallonia": 262}, 133),
        (date(2024, 12, 2), {"flanders": 300, "brussels": 19, "wallonia": 261}, 132),
        (date(2025, 1, 1), {"flanders": 285, "brussels": 19, "wallonia": 261}, 131),
    ],
)
def test_belgium_on_its_dates(wave, day, units, rural):
    frame = read(wave.barometer.folder / "frame", day, wave.barometer.domains)
    assert frame.sizes("region") == {(k,): n for k, n in units.items()}
    assert len(frame) == sum(units.values())
    assert frame.sizes("rurality")[("rural",)] == rural


def frame_folder(tmp_path, lines, mergers=""):
    (tmp_path / "municipalities.csv").write_text(HEADER + lines)
    if mergers:
        (tmp_path / "mergers.csv").write_text("effective_date,old_nis,new_nis\n" + mergers)
    return tmp_path


def test_a_unit_ends_the_day_its_successor_begins(tmp_path):
    folder = frame_folder(tmp_path, GOOD, "2019-01-01,2,3\n")
    assert list(read(folder, date(2018, 12, 31), DOMAINS).codes) == ["1", "2"]
    assert list(read(folder, date(2019, 1, 1), DOMAINS).codes) == ["1", "3"]


@pytest.mark.parametrize(
    ("lines", "mergers", "words"),
    [
        (GOOD + "1,A,north,,\n", "", ["municipalities.csv", "row 5", "nis", "duplicate of row 2"]),
        (GOOD + "2,B,south,2018-06-01,\n", "", ["row 5", "valid_from", "overlaps that of row 3"]),
        (GOOD + "2,B,south,2019-06-01,\n", "", ["row 5", "valid_from", "gap", "row 3"]),
        (GOOD + "4,D,west,,\n", "", ["row 5", "column region", "unknown region 'west'"]),
        (GOOD + "4,D,north,soon,\n", "", ["row 5", "valid_from", "'soon' is no date"]),
        (GOOD + "4,D,north,2020-01-01,2019-01-01\n", "", ["row 5", "valid_to", "before it begins"]),
        (GOOD + "4,D\n", "", ["row 5", "2 cells where the header has 5"]),
        (GOOD + ",D,north,,\n", "", ["row 5", "nis", "without code"]),
        (GOOD, "2019-01-01,2,9\n", ["mergers.csv", "row 2", "new_nis", "leads nowhere"]),
        (GOOD, "2019-01-01,9,3\n", ["mergers.csv", "row 2", "old_nis", "leads nowhere"]),
        (GOOD, "2018-01-01,2,3\n", ["mergers.csv", "row 2", "new_nis", "leads nowhere"]),
    ],
)
def test_faults_are_told_with_their_place(tmp_path, lines, mergers, words):
    with pytest.raises(BadInput) as caught:
        read(frame_folder(tmp_path, lines, mergers), date(2017, 2, 1), DOMAINS)
    for word in words:
        assert word in str(caught.value)


def test_a_unit_is_followed_through_new_codes_and_ends_with_a_merger(wave):
    """On the real frame: 589 in 2017, 581 in 2019, 565 in 2025."""
    folder = wave.barometer.folder / "frame"
    lines = successions(folder)
    frames = [read(folder, date(year, 1, 2), {}) for year in (2017, 2019, 2025)]
    assert [len(frame) for frame in frames] == [589, 581, 565]
    first, second = kept(lines, frames[0], frames[1]), kept(lines, frames[1], frames[2])
    whole = kept(lines, frames[0], frames[2])
    assert first["55010"] == "51067"  # Enghien, a new code alone
    assert "12030" not in first  # Puurs, part of Puurs-Sint-Amands
    assert "11002" in frames[2].row_of
    assert "11002" not in second  # Antwerpen took Borsbeek in
    assert whole == {old: second[new] for old, new in first.items() if new in second}
    assert kept(lines, frames[2], frames[0]) == {new: old for old, new in whole.items()}
    merged = {line.old for line in lines if line.day.year == 2019} - first.keys()
    assert len(first) == len(set(first.values())) == 589 - len(merged)


def test_without_mergers_a_code_is_a_unit(tmp_path):
    folder = frame_folder(tmp_path, GOOD)
    one = read(folder, date(2017, 2, 1), DOMAINS)
    assert successions(folder) == []
    assert kept([], one, one) == {code: code for code in map(str, one.codes)}
