"""Where a published number comes from, told from the files of its edition alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barograph.errors import BadInput
from barograph.files import numbered_records
from barograph.publish import open_data, texts
from barograph.publish.traced import read_manifest

BASES = {
    "asked": "those the question was put to and who answered it; "
    "don't know and no answer are left out",
    "all": "those who answered the question, and those it was not put to as not having what it asks "
    "about; don't know and no answer are left out",
}
ESTIMATORS = {
    "share": "weighted share of the base, linearised variance",
    "mean": "weighted mean over the base, linearised variance",
    "total": "weighted number of units, linearised variance",
    "rank": "place among the items of the indicator by their estimates",
}
Row = Mapping[str, str]


def explain(edition: Path, estimate_id: str) -> list[tuple[str, str]]:
    """What stands behind a number, as pairs of term and text; BadInput for an unknown id."""
    manifest, data = read_manifest(edition), edition / open_data.FOLDER
    row = _row(data, estimate_id)
    measured = _first(data / "indicators.csv", row, "indicator")
    asked = _first(data / "categories.csv", row, "indicator", "category")
    lang = "en" if "label_en" in measured else next(iter(_languages(measured)))
    units = manifest["responses"]["units"]
    figure, item = measured[f"label_{lang}"], asked[f"label_{lang}"]
    told = [
        ("figure", figure if item == figure else f"{figure}: {item}"),
        ("question", f"{measured['question']}: {asked[f'wording_{lang}']}"),
        ("put to", f"those with {asked['condition']}" if asked["condition"] else "all"),
        ("counted", asked[f"counted_{lang}"]),
        ("domain", row["domain"]),
        *_measured(row),
        ("respondents", f"{row['n']} counted of a base of {row['base']} {row['flag']}".rstrip()),
        ("base", f"of {units} respondents, {BASES[measured['base']]}"),
        *_made(manifest, row),
        *(
            ("disclosure", f"{d['status']}: {d['reason']}")
            for d in manifest.get("disclosure", [])
            if d["estimate_id"] == estimate_id
        ),
        ("note", manifest["synthetic"].get(lang, "")),
    ]
    return [(term, text) for term, text in told if text]


def _measured(row: Row) -> list[tuple[str, str]]:
    """Value, interval and how they were computed, as the id and the method of the row say it."""
    statistic = row["estimate_id"].removesuffix(f".{row['domain']}").rsplit(".", 1)[-1]
    estimator, rule = ESTIMATORS[statistic], _policy(row["method_id"])
    if statistic == "mean":
        rule = _policy("t")
    if "|" in row["domain"]:
        estimator = f"difference of two domains, each: {estimator}"
        rule = f"square-and-add of their intervals ({rule})"
    if statistic == "rank":
        rule = "best and worst rank by all pairs at once"
    withheld = row["suppressed"] == "1"
    return [
        ("estimate", "withheld" if withheld else row["estimate"]),
        ("estimator", estimator),
        ("95% interval", "" if withheld else f"{row['ci_low']} to {row['ci_high']}: {rule}"),
        ("standard error", row["se"]),
    ]


def _policy(method: str) -> str:
    """The rule of intervals in words; `method` is a method_id, or the name of a rule."""
    name = method.split(":")[2] if ":" in method else method
    return texts.load(languages=("en",))["en"][f"policy_{name.replace('-', '_')}"]


def _made(manifest: Mapping[str, Any], row: Row) -> list[tuple[str, str]]:
    """Method, weights and the versions of what went in."""
    weights, frame, inputs = manifest["weights"], manifest["frame"], manifest["inputs"]
    answers = next(
        (h for name, h in inputs.items() if Path(name).stem == "responses"),
        manifest["responses"]["version"],
    )
    return [
        ("method", row["method_id"]),
        (
            "weights",
            f"{weights['method']} to {', '.join(weights['margins']) or 'nothing'}, "
            f"{weights['respondents']} of {weights['population']}, "
            f"effective n {weights['effective_n']:.1f}",
        ),
        ("frame", f"{frame['units']} units on {frame['on']}, version {frame['version']}"),
        ("questionnaire", manifest["instrument"]),
        ("answers", f"SHA-256 {answers}, {manifest['responses']['units']} units"),
        ("code", f"barograph {manifest['code']}"),
    ]


def _row(data: Path, estimate_id: str) -> Row:
    """The figure, from the estimates or from what pages print beside them."""
    paths = (data / "estimates.csv", data / "further.csv")
    for path in paths:
        if path.exists():
            for _, row in numbered_records(path, ("estimate_id", "indicator")):
                if row["estimate_id"] == estimate_id:
                    return row
    raise BadInput(
        f"there is no estimate {estimate_id!r}", file=paths[0], todo="Copy an id from this file"
    )


def _first(path: Path, of: Row, *columns: str) -> Row:
    """The record that has what `of` has in these columns."""
    for _, record in numbered_records(path, columns):
        if all(record[c] == of[c] for c in columns):
            return record
    named = ", ".join(of[c] for c in columns)
    raise BadInput(f"lacks {named}, which an estimate names", file=path)


def _languages(record: Row) -> list[str]:
    return [c.removeprefix("label_") for c in record if c.startswith("label_")]
