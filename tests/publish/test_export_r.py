"""The export for doubters: what it holds, and that R with `survey` comes to the same figures."""

import csv
import io
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import barograph as bg
from barograph.errors import BadInput
from barograph.publish.export import export, r
from barograph.publish.folder import csv_bytes
from barograph.starter import create

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"


@pytest.fixture(scope="session")
def rscript():
    """Rscript with `survey`; skips without it, unless REQUIRE_ALL is set."""
    found = shutil.which("Rscript")
    probe = [found or "", "-e", "library(survey); library(MASS)"]
    if not found or subprocess.run(probe, capture_output=True, check=False).returncode:
        packages = "r-base-core r-cran-survey r-cran-mass"
        reason = f"R with `survey` and `MASS` not found: apt-get install {packages}"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def exported(wave, tmp_path_factory):
    return export(wave, "r", tmp_path_factory.mktemp("exports") / "2017")


@pytest.fixture
def copied(exported, tmp_path):
    """The export, to be spoilt."""
    return shutil.copytree(exported, tmp_path / "export")


def recompute(rscript, folder, *arguments, **environment):
    return subprocess.run(
        [rscript, "recompute.R", *map(str, arguments)],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def agrees(rscript, folder, *arguments, **environment):
    done = recompute(rscript, folder, *arguments, **environment)
    rows = table((folder / "published.csv").read_bytes())
    figures = sum(row["suppressed"] == "0" for row in rows)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{figures} figures recomputed" in done.stdout
    assert "All agree" in done.stdout


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def numbers(rows, column):
    return np.array([float(row[column]) for row in rows])


# --- with R


def test_r_recomputes_the_wave_of_2017(rscript, exported):
    agrees(rscript, exported)


def test_r_recomputes_the_data_of_an_edition_in_a_bare_locale(rscript, exported, edition):
    agrees(rscript, exported, edition / "data" / "estimates.csv", LC_ALL="C")


WEIGHTS = {
    "none": ("minority_wilson", 'method = "none"'),
    "stratified": ("t", 'method = "none"\nstratum = "region"'),
    "poststratified": ("logit", 'method = "poststratification"\nmargins = ["region"]'),
    "crossed": ("wilson", 'method = "poststratification"\nmargins = ["rurality", "region"]'),
    "raked in strata": (
        "beta",
        'method = "raking"\nmargins = ["region", "rurality"]\nstratum = "region"',
    ),
    "linear, with numbers": (
        "shrunk_wilson",
        'method = "linear"\nmargins = ["region", "rurality", "log(population)"]',
    ),
    "within bounds, after propensities": (
        "minority_wilson",
        'method = "logit"\nmargins = ["region", "rurality", "population"]\nbounds = [0.2, 4]\n'
        '[weights.propensity]\nmethod = "logistic"\nvariables = ["region", "log(population)"]',
    ),
    "truncated, few taken together": (
        "minority_wilson",
        'method = "truncated"\nmargins = ["region*rurality"]\nbounds = [0.4, 2.5]\n'
        "minimum_respondents = 12\n"
        '[weights.propensity]\nmethod = "cells"\nvariables = ["rurality"]',
    ),
    "trimmed": (
        "minority_wilson",
        'method = "raking"\nmargins = ["region", "rurality"]\ntrim = [2.0, 6.5]\n'
        '[weights.propensity]\nmethod = "logistic"\nvariables = ["log(population)"]',
    ),
}


@pytest.mark.parametrize("design", WEIGHTS)
def test_r_recomputes_every_weighting_and_interval(rscript, design, tmp_path):
    policy, weights = WEIGHTS[design]
    folder = shutil.copytree(EXAMPLE, tmp_path / "barometer")
    path = folder / "2017" / "wave.toml"
    before, after = path.read_text().split("[weights]")
    settings = f'[weights]\n{weights}\n[estimates]\ninterval = "{policy}"\n'
    path.write_text(f"{before}{settings}[synthetic]{after.split('[synthetic]')[1]}")
    labels = dict.fromkeys(("nl", "fr", "de", "en"), "inhabitants")
    table = "\n".join(f'{lang} = "{label}"' for lang, label in labels.items())
    settings = folder / "barometer.toml"
    settings.write_text(f"{settings.read_text()}\n[columns.population]\n{table}\n")
    wave = bg.open(folder).wave("2017")
    agrees(rscript, export(wave, "r", tmp_path / "export"))


def test_r_recomputes_a_census_and_an_empty_base(rscript, tmp_path):
    """Everybody answered in the south, with a yes; in the north one in two, without."""
    folder = tmp_path / "barometer"
    create(folder)
    frame = table((folder / "frame" / "municipalities.csv").read_bytes())
    rows = [
        f"{unit['nis']},{'' if unit['region'] == 'north' else 5},1"
        for i, unit in enumerate(frame)
        if unit["region"] == "south" or i % 2
    ]
    path = folder / "2026" / "responses.csv"
    path.write_text("\n".join(["nis,relevance,synthetic", *rows, ""]))
    wave = bg.open(folder).wave("2026")
    figures = [e for i in wave.barometer.indicators.values() for e in wave.estimates(i)]
    assert [e.flag for e in figures] == ["base<10", "none", "base<10"]
    agrees(rscript, export(wave, "r", tmp_path / "export"))


def test_changed_figures_are_found_and_named(rscript, copied):
    path = copied / "published.csv"
    rows = table(path.read_bytes())
    changed = dict(enumerate(("estimate", "se", "ci_low", "ci_high", "n", "base"), start=40))
    for row, column in changed.items():
        rows[row][column] = repr(float(rows[row][column]) * (1 + 1e-8))
    path.write_bytes(csv_bytes(list(rows[0]), [list(row.values()) for row in rows]))
    done = recompute(rscript, copied)
    assert done.returncode == 1
    assert "figures differ by more than 1e-09" in done.stderr
    lines = {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines()[1:]}
    for row, column in changed.items():
        assert lines[column] == rows[row]["estimate_id"]


def test_a_changed_weight_is_found(rscript, copied):
    path = copied / "sample.csv"
    rows = table(path.read_bytes())
    path.write_text(path.read_text().replace(rows[0]["w1"], repr(float(rows[0]["w1"]) + 1e-7), 1))
    done = recompute(rscript, copied)
    assert done.returncode == 1
    assert "weight " in done.stdout


# --- without R


def test_the_tables_give_the_figures_again(wave, exported):
    """The first principles of the README: weights, base and totals, from the files alone."""
    files = {p.name: p.read_bytes() for p in exported.iterdir()}
    sample, frame, items, published = (
        table(files[f"{name}.csv"]) for name in ("sample", "frame", "items", "published")
    )
    assert len(sample) == 113
    assert numbers(frame, "units").sum() == 589
    w = numbers(sample, "w1")
    for x in ("x1", "x2", "x3", "x4"):
        total = (numbers(frame, x) * numbers(frame, "units")).sum()
        assert numbers(sample, x) @ w == pytest.approx(total, rel=1e-12)
    columns = {(i["indicator"], i["category"]): i for i in items}
    for row in published:
        item = columns[row["indicator"], row["category"]]
        if row["domain"] == "all" and item["statistic"] != "total":
            base = np.array([r[item["column"]] != "" for r in sample])
            y = numbers([r for r in sample if r[item["column"]] != ""], item["column"])
            assert y @ w[base] / w[base].sum() == pytest.approx(float(row["estimate"]), rel=1e-11)
            assert base.sum() == int(row["base"])


def test_the_figures_are_those_of_the_edition(exported, edition):
    published = (exported / "published.csv").read_bytes()
    assert published == (edition / "data" / "estimates.csv").read_bytes()


def test_notice_and_design_stand_in_the_script(wave, exported):
    script = (exported / "recompute.R").read_text()
    head = script.split("library(survey)")[0]
    assert all(line.startswith("#") for line in head.splitlines()[:-2])
    for notice in wave.synthetic.values():
        assert notice in head
        assert notice in (exported / "README.md").read_text()
    assert "ids = ~1, strata = ~stratum, weights = ~w0, fpc = ~N_h" in script
    assert 'population = totals,\n  calfun = "raking"' in script
    assert "~ x1 + x2 + x3 + x4 - 1" in script


def test_no_unit_is_named(wave, exported):
    for path in exported.iterdir():
        cells = set(path.read_text().replace("\n", ",").split(","))
        assert not cells & set(map(str, wave.responses.units)), path.name


def test_the_same_wave_gives_the_same_bytes(wave):
    assert r.files(wave) == r.files(bg.open(EXAMPLE).wave("2017"))


def test_a_notice_over_several_lines_stays_a_comment(wave):
    notices = dict.fromkeys(wave.barometer.languages, "first\nquit()")
    script = r.files(replace(wave, synthetic=notices))["recompute.R"].decode()
    assert "\n# first quit()\n" in script
    assert "\nquit()" not in script


# --- the folder


def test_an_export_replaces_an_export_only(wave, tmp_path):
    out = tmp_path / "some" / "export"
    export(wave, "r", out)
    (out / "left.txt").write_text("")
    export(wave, "r", out)
    assert not (out / "left.txt").exists()
    assert [p.name for p in out.parent.iterdir()] == ["export"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("")
    with pytest.raises(BadInput, match="is not empty and no export"):
        export(wave, "r", other)
    with pytest.raises(BadInput, match="is a file"):
        export(wave, "r", other / "thesis.txt")
    with pytest.raises(BadInput, match="cannot be written"):
        export(wave, "r", other / "thesis.txt" / "export")
    assert [p.name for p in other.iterdir()] == ["thesis.txt"]
