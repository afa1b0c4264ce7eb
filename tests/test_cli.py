"""The command line: what a user types, and what a user gets wrong."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"


def barograph(*arguments):
    command = [sys.executable, "-c", "from barograph.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_estimate_prints_the_figures_of_the_notebook(wave):
    done = barograph("estimate", EXAMPLE, "2017", "--question", "p_relevance", "--by", "region",
                     "--top", "2")  # fmt: skip
    assert done.returncode == 0
    for e in wave.share("p_relevance", top=2, by="region"):
        assert f"{e.value:.4f}" in done.stdout
        assert f"{e.low:.4f}" in done.stdout
    assert "Synthetic reference set" in done.stdout


def test_a_battery_prints_means(wave):
    done = barograph("estimate", EXAMPLE, "2017", "--question", "p_view")
    assert f"{wave.mean('p_view')[0].value:.4f}" in done.stdout


def test_independence_prints_the_test_of_the_notebook(wave):
    done = barograph("estimate", EXAMPLE, "2017", "--question", "s_form", "--by", "region",
                     "--statistic", "independence")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{wave.independence('s_form', 'region').p:.4f}" in done.stdout


def test_a_new_barometer_checks_and_publishes(tmp_path):
    folder = tmp_path / "mine"
    assert barograph("new", folder).returncode == 0
    done = barograph("check", folder)
    assert done.returncode == 0, done.stderr
    assert "20 units on 2026-01-01: north 12, south 8" in done.stdout
    done = barograph("publish", folder, "2026", "--out", tmp_path / "edition")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "edition" / "en" / "index.html").exists()
    again = barograph("new", folder)
    assert again.returncode == 2
    assert "already holds something" in again.stderr


def test_check_tells_each_step_of_the_weighting(tmp_path):
    folder = tmp_path / "b"
    shutil.copytree(EXAMPLE, folder)
    weights = """method = "logit"
margins = ["rurality", "region*rurality"]
bounds = [0.8, 1.2]
minimum_respondents = 12
give_up = ["region*rurality"]
trim = [1, 20]
propensity = { method = "logistic", variables = ["rurality"] }
"""
    wave = folder / "2017" / "wave.toml"
    head, rest = wave.read_text().split("[weights]")
    wave.write_text(head + "[weights]\n" + weights + rest[rest.index("\n[estimates]") :])
    done = barograph("check", folder)
    assert done.returncode == 0, done.stderr
    for step in (
        "propensity logistic: rurality",
        "region*rurality: brussels and urban + flanders and rural taken together",
        "region*rurality given up: no logit weights reach the margins",
        "logit to rurality within 0.8 and 1.2",
        "trimmed to 1 and 20",
        "R-indicator",
        "variation of propensities",
        "given the others",
    ):
        assert step in done.stdout


def spoil(folder, name, change):
    path = folder / name
    path.write_text(change(path.read_text()))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("barometer.toml", lambda s: s + "\nx = [", ["barometer.toml", "not valid TOML"]),
        ("barometer.toml", lambda s: s.replace('fr = "Région"', ""), ["region", "'fr'"]),
        (
            "barometer.toml",
            lambda s: s.replace("[disclosure]", "[dislosure]"),
            ["'dislosure' is no setting here", "Known are title, languages"],
        ),
        (
            "2017/wave.toml",
            lambda s: 'colour = "red"\n' + s,
            ["'colour' is no setting here", "Known are reference_date"],
        ),
        ("2017/wave.toml", lambda s: s.replace('"region", ', '"zz", '), ["wave.toml", "'zz'"]),
        ("2017/wave.toml", lambda s: s.split("[synthetic]")[0], ["synthetic", "wave.toml"]),
        ("2017/wave.toml", lambda s: "synthetic = 0\n" + s.split("[synth")[0], ["synthetic"]),
        ("2017/wave.toml", lambda s: s.replace("[weights]", "[weights]\npps = 1"), ["'pps'"]),
        (
            "2017/wave.toml",
            lambda s: s.replace("[estimates]", '[estimates]\nquantile = "school"'),
            ["'quantile' is no setting here"],
        ),
        (
            "2017/wave.toml",
            lambda s: s.replace('"shrunk_wilson" ', '"likelihood" '),
            ["unknown interval 'likelihood'", "Known are minority_wilson"],
        ),
        ("2017/wave.toml", lambda s: s.replace("[estimates]", "[[estimates]]"), ["is no table"]),
        (
            "barometer.toml",
            lambda s: "attribution = 5\n" + s.replace("\nattribution", "\n#"),
            ["no text"],
        ),
        ("2017/responses.csv", lambda s: s.splitlines()[0] + "\n", ["holds no answer"]),
        ("2017/responses.csv", lambda s: s.replace(",local_gov,", ",zz,", 1), ["row 3", "'zz'"]),
        (
            "frame/municipalities.csv",
            lambda s: s + s.splitlines()[1] + "\n",
            ["duplicate of row 2"],
        ),
        (
            "questionnaire/choices.csv",
            lambda s: s.replace(",Ja,", ",,", 1),
            ["choices.csv", "(nl)"],
        ),
        (
            "questionnaire/survey.csv",
            lambda s: s.replace("select_one goal", "select_one gaol"),
            ["gaol"],
        ),
        (
            "indicators.toml",
            lambda s: s.replace('"p_view"', '"p_veiw"'),
            ["'p_veiw'", "Did you mean p_view"],
        ),
        ("frame/cartogram.csv", lambda s: s + "11001,x,1\n", ["cartogram.csv", "row 591", "whole"]),
        ("2017/claims.toml", lambda s: s.replace('["human"]', '["humane"]'), ["'humane'"]),
    ],
)
def test_bad_input_is_told_plainly_and_nothing_is_written(tmp_path, name, change, words):
    folder = shutil.copytree(EXAMPLE, tmp_path / "barometer")
    spoil(folder, name, change)
    done = barograph("publish", folder, "2017", "--out", tmp_path / "edition")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["barometer"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nowhere"), "file not found"),
        (("publish", EXAMPLE, "1999", "--out", "x"), "there is no wave '1999'. Waves are: 2017"),
        (("estimate", EXAMPLE, "2017", "--question", "zz"), "no question is called 'zz'"),
        (
            ("estimate", EXAMPLE, "2017", "--question", "p_relevance", "--by", "zz"),
            "no domain 'zz'",
        ),
        (
            ("estimate", EXAMPLE, "2017", "--question", "s_form", "--statistic", "mean"),
            "has no mean",
        ),
        (("serve", "nowhere"), "file not found"),
        (("serve", EXAMPLE, "--edition", EXAMPLE), "is no edition"),
        (
            ("export", EXAMPLE, "2017", "--format", "sas", "--out", "x"),
            "unknown format 'sas'. Use r",
        ),
    ],
)
def test_what_is_not_there_is_told_plainly(arguments, words):
    done = barograph(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from barograph.cli import app; from typer.testing import CliRunner;"
        "r = CliRunner().invoke(app, ['--help']); assert r.exit_code == 0;"
        "heavy = {'numpy', 'scipy', 'pyxform', 'babel', 'jinja2'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
