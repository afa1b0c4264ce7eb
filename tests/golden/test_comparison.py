"""The runner itself: it reads R, sees every difference, and counts nothing that it does not know."""

import json

import golden
import numpy as np
import pytest
from r_data import Column, evaluate, factor_of
from r_model_matrix import model_matrix
from r_syntax import OutOfScope, deparse, parse

DATA = "g,y,w\na,1,2\na,2,2\nb,4,3\nb,8,3\n"


def outcome(tmp_path, call, expect, **other):
    (tmp_path / "d.csv").write_text(DATA)
    design = {"s": {"call": "svydesign(ids = ~1, weights = ~w, data = d)"}}
    case = {"id": "x", "kind": "k", "design": "s", "call": call, "expect": expect} | other
    file = {"dataset": "d.csv", "designs": design, "cases": [case]}
    (tmp_path / "d.json").write_text(json.dumps(file))
    (found,) = golden.cases(tmp_path)
    return golden.run(found)


def test_a_case_agrees_and_every_changed_number_differs(tmp_path):
    assert outcome(tmp_path, "svymean(~y, s)", {"estimate": {"y": 4.2}}).verdict == "agree"
    for key, value in {"estimate": {"y": 4.2 * (1 + 1e-8)}, "degf": 4, "se": {"y": None}}.items():
        assert outcome(tmp_path, "svymean(~y, s)", {key: value}).verdict == "differ"


@pytest.mark.parametrize(
    ("call", "expect"),
    [
        ("svymean(~y, s)", {"estimate": {"y": 4.2}, "jackknife": 1}),
        ("svymean(~y, s)", {"estimate": {"other": 4.2}}),
        ("svymean(~nobody, s)", {}),
        ("svymean(~sin(y), s)", {}),
        ("svymean(~y, s, strange = TRUE)", {}),
        ("svyranktest(y ~ g, s)", {}),
        ("svymean(~y, s)", [1, 2]),
        ("svymean(~y[1], s)", {}),
        ("svymean(~I(), s)", {"estimate": {"y": 4.2}}),
        ("svymean(~y, s)", {"estimate": {"y": {"of": [4.2]}}}),
        ("svymean(~y, s)", None),
        ("svymean(~y, s)", 4.2),
        ("svymean", {"estimate": {"y": 4.2}}),
    ],
)
def test_what_is_not_known_is_out_of_scope(tmp_path, call, expect):
    found = outcome(tmp_path, call, expect)
    assert found.verdict == "out of scope"
    assert found.reason


def test_an_unknown_option_is_out_of_scope(tmp_path):
    expect = {"estimate": {"y": 4.2}}
    options = {"survey.ultimate.cluster": True}
    assert outcome(tmp_path, "svymean(~y, s)", expect, options=options).verdict == "out of scope"


def test_a_failure_of_ours_differs_and_one_of_the_interpreter_does_not(tmp_path, monkeypatch):
    expect = {"estimate": {"y": 4.2}}
    assert outcome(tmp_path, "svymean(~I(), s)", expect).verdict == "out of scope"
    monkeypatch.setattr("barograph.estimate.figures.Units.restricted", lambda self, inside: None)
    assert outcome(tmp_path, "svymean(~y, s)", expect).verdict == "differ"


def test_a_case_without_design_or_data_is_out_of_scope(tmp_path):
    (tmp_path / "d.json").write_text(json.dumps({"cases": [{"id": "x", "call": "f()"}]}))
    (tmp_path / "other.json").write_text("[1, 2]")
    (found,) = golden.cases(tmp_path)
    assert golden.run(found).verdict == "out of scope"


def test_an_expected_error_must_be_ours(tmp_path):
    assert outcome(tmp_path, "svymean(~y, s)", {"error": "no"}).verdict == "differ"


@pytest.mark.parametrize(
    "text",
    [
        'I(awards == "Yes")',
        "y ~ a + factor(b):c",
        "svymean(~x, d, na.rm = TRUE)",
        "-(a + b)/c^2",
        '!is.na(x) & y %in% c("a", "b")',
        "log(`1`/(1 - `1`))",
    ],
)
def test_r_is_read_and_written(text):
    assert deparse(parse(text)) == text


@pytest.mark.parametrize("text", ["", "f(", "a +", "x[1]", "function(x) x"])
def test_what_is_no_call_is_refused(text):
    with pytest.raises(OutOfScope):
        parse(text)


def test_missing_values_follow_three_valued_logic():
    data = {"x": Column(np.array([1.0, np.nan, 3.0])), "y": Column(np.array([0.0, 0.0, 1.0]))}
    assert evaluate(parse("x > 0 & y > 0"), data).values.tolist() == [0, 0, 1]
    assert np.isnan(evaluate(parse("x > 0 | y > 0"), data).values).tolist() == [False, True, False]
    assert evaluate(parse("is.na(x)"), data).values.tolist() == [0, 1, 0]


def test_contrasts_of_a_model_without_its_margins():
    g = factor_of(np.array(["a", "b", "c"], dtype=object))
    data = {"g": g, "x": Column(np.array([1.0, 2.0, 3.0]))}
    assert model_matrix(parse("~g + x"), data).names == ["(Intercept)", "gb", "gc", "x"]
    assert model_matrix(parse("~g - 1"), data).names == ["ga", "gb", "gc"]
    assert model_matrix(parse("~g:x"), data).names == ["(Intercept)", "ga:x", "gb:x", "gc:x"]
    assert model_matrix(parse("~g*x"), data).names[-2:] == ["gb:x", "gc:x"]
