"""Weights hit their margins, and refuse what cannot be weighted."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import NoWeights
from barograph.frame import Domain, Frame
from barograph.weight import Weighting, calibrate


def frame_of(cells: dict[tuple[str, str], int]) -> Frame:
    rows = [cell for cell, size in cells.items() for _ in range(size)]
    a, b = (np.array([row[k] for row in rows]) for k in (0, 1))
    domains = {
        name: Domain(name, {}, {v: {} for v in sorted(set(column))})
        for name, column in (("a", a), ("b", b))
    }
    codes = np.array([f"{i:04d}" for i in range(len(rows))])
    return Frame(date(2020, 1, 1), {"nis": codes, "a": a, "b": b}, domains, "test")


def margin(sample, name):
    """Weighted and true size of each category."""
    k = sample.design.domains.index(name)
    category = np.array([cell[k] for cell in sample.design.values])
    own = np.array([sample.design.values[c][k] for c in sample.cell])
    return [
        (sample.w1[own == v].sum(), sample.design.size[category == v].sum()) for v in set(category)
    ]


sizes = st.tuples(st.integers(3, 40), st.integers(1, 3)).map(lambda p: (p[0], min(p[1], p[0])))


@settings(max_examples=60)
@given(st.lists(sizes, min_size=6, max_size=6), st.sampled_from(["raking", "poststratification"]))
def test_weights_hit_the_margins(drawn, method):
    cells = dict(zip([(a, b) for a in "xy" for b in "pqr"], drawn, strict=True))
    frame = frame_of({cell: size for cell, (size, _) in cells.items()})
    own = list(zip(frame.attributes["a"], frame.attributes["b"], strict=True))
    units = []
    for cell, (_, answered) in cells.items():
        units += [str(c) for c, o in zip(frame.codes, own, strict=True) if o == cell][:answered]
    sample = calibrate(frame, units, Weighting(method, ("a", "b")))
    for name in "ab":
        for weighted, true in margin(sample, name):
            assert weighted == pytest.approx(true, rel=1e-11)
    assert sample.record.margin_error < 1e-11
    assert sample.record.effective_n <= len(units) + 1e-9


def test_poststratification_is_cell_size_over_respondents():
    frame = frame_of({("x", "p"): 10, ("x", "q"): 20, ("y", "p"): 30, ("y", "q"): 40})
    units = ["0000", "0001", "0010", "0030", "0031", "0032", "0060"]
    sample = calibrate(frame, units, Weighting("poststratification", ("a", "b")))
    assert sample.w1 == pytest.approx([5, 5, 20, 10, 10, 10, 40])


def test_without_calibration_the_weight_is_the_inverse_of_the_stratum_rate():
    frame = frame_of({("x", "p"): 10, ("y", "p"): 30})
    sample = calibrate(frame, ["0000", "0001", "0010"], Weighting("none", stratum="a"))
    assert sample.w1 == pytest.approx([5, 5, 30])
    assert calibrate(frame, ["0000", "0010"], Weighting("none")).w1 == pytest.approx([20, 20])


def test_a_margin_without_respondent_is_refused_with_the_reason():
    frame = frame_of({("x", "p"): 10, ("y", "p"): 30})
    with pytest.raises(NoWeights, match="margin a: y has 30 units and no respondent"):
        calibrate(frame, ["0000"], Weighting("raking", ("a",)))


def test_an_unknown_method_is_refused():
    with pytest.raises(NoWeights, match="Known are none, poststratification, linear, raking"):
        Weighting("magic", ("a",))


def test_the_record_of_2017(wave):
    record = wave.sample.record
    assert (record.population, record.respondents) == (589, 113)
    assert record.design_effect == pytest.approx(113 / record.effective_n)
    assert record.lowest == pytest.approx(19 / 8)
