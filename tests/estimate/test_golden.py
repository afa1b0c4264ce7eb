"""Agreement with reference values: R survey on belgium113, and the worked interval rule.

Covered of belgium113 (groups proportion and domain_proportion, designs `be` and `be_cal`): estimates
and standard errors of all shares, nationally and by domain, to 1e-9.
"""

import csv
import json
import re
from datetime import date

import numpy as np
import pytest

from barograph.estimate import Estimator, Item, compare_domains
from barograph.estimate.intervals import shrunk_wilson
from barograph.estimate.items import items_of
from barograph.frame import Domain, Frame
from barograph.weight import Weighting, calibrate

MARGINS = {"be": ([], "none"), "be_cal": (["region", "size", "growing"], "raking")}


@pytest.fixture(scope="module")
def belgium113(shared):
    def table(name):
        with (shared / "golden" / name).open() as file:
            return list(csv.DictReader(file))

    units, sampled = table("belgium_frame.csv"), table("belgium113.csv")
    names = ("region", "size", "growing")
    attributes = {n: np.array([u[n] for u in units]) for n in names}
    attributes["nis"] = np.array([u["INS"] for u in units])
    domains = {n: Domain(n, {}, {v: {} for v in sorted(set(attributes[n]))}) for n in names}
    frame = Frame(date(2004, 7, 1), attributes, domains, "golden")
    codes = [u["INS"] for u in sampled]
    made = {
        design: Estimator.of(calibrate(frame, codes, Weighting(method, margins, "region")), design)
        for design, (margins, method) in MARGINS.items()
    }
    return made, sampled


def share(sampled, variable, category):
    everybody = np.ones(len(sampled), dtype=bool)
    value = np.array([float(row[variable] == category) for row in sampled])
    return Item.of(category, variable, "share", value, everybody, everybody)


def golden_shares(shared):
    cases = json.loads((shared / "golden" / "belgium113.json").read_text())["cases"]
    for case in cases:
        if case["design"] in MARGINS and case["kind"] in ("proportion", "domain_proportion"):
            yield case


def test_shares_agree_with_r(belgium113, shared):
    made, sampled = belgium113
    checked = 0
    for case in golden_shares(shared):
        variable, domain = re.match(r"\w+\(~(\w+)(?:, ~(\w+))?", case["call"]).groups()
        lines = case["expect"] if domain else [case["expect"]]
        for line in lines:
            values = line if domain else line["estimate"]
            for name, expected in values.items():
                if not name.startswith(variable):
                    continue
                item = share(sampled, variable, name.removeprefix(variable))
                where = {domain: line[domain]} if domain else {}
                e = made[case["design"]].estimate("golden", item, where)
                se = line[f"se.{name}"] if domain else line["se"][name]
                assert e.value == pytest.approx(expected, rel=1e-9, abs=1e-12), case["id"]
                assert e.se == pytest.approx(se, rel=1e-9, abs=1e-12), case["id"]
                checked += 1
    assert checked == 126


def test_calibrated_weights_agree_with_r(belgium113, shared):
    made, _ = belgium113
    cases = json.loads((shared / "golden" / "belgium113.json").read_text())["cases"]
    for case in cases:
        if case["kind"] == "weights" and case["design"] in MARGINS:
            weights = made[case["design"]].sample.w1
            assert weights == pytest.approx(case["expect"]["weights"], rel=1e-9), case["id"]


def test_shrunk_wilson_and_square_and_add(wave, shared):
    with (shared / "golden" / "shrunk_wilson_2017.csv").open() as file:
        rows = list(csv.DictReader(file))
    instrument, responses = wave.barometer.instrument, wave.responses
    items = {
        "p_relevance top2": items_of(instrument, responses, "p_relevance", "share", ["4", "5"])[0],
        "s_manager=yes": items_of(instrument, responses, "s_manager", "share", ["yes"])[0],
        "nobody (k = 0)": items_of(instrument, responses, "s_unit", "share", ["exists"])[0],
    }
    place = {"all": {}} | {v: {"region": v} for v in ("flanders", "brussels", "wallonia")}
    place |= {v: {"rurality": v} for v in ("rural", "urban")}
    for row in rows:
        what, where = row["item"].split(" | ")
        if what.startswith("difference"):
            a, b = (place[x] for x in where.split(" - "))
            c = compare_domains(wave.estimator, items["p_relevance top2"], a, b)
            found = {"p": c.difference, "low": c.low, "high": c.high}
        else:
            m = wave.estimator.moments([items[what]], [place[where]]).at(0, 0)
            low, high = shrunk_wilson(m)
            found = {"p": m.value, "low": low, "high": high, "n_d": m.base, "N_d": m.population}
            found |= {"n_eff": m.effective_n, "V_r": m.response_variance}
        for name, value in found.items():
            assert value == pytest.approx(float(row[name]), rel=1e-9, abs=1e-12), row["item"]
