"""The edition: everything that is published of a wave, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from barograph import __version__
from barograph.barometer import LEDGER, Wave
from barograph.instrument.frozen import ANSWERS, QUESTIONNAIRE
from barograph.publish import folder, open_data, questionnaire, report, site
from barograph.publish.claims import Verdict, judge, read_claims
from barograph.publish.data.tables import csv_bytes
from barograph.publish.data.terms import Terms
from barograph.publish.further import Further
from barograph.publish.release import Release, check_same_assertions
from barograph.publish.release.facts import facts
from barograph.publish.release.mutation import Tally, mutate
from barograph.publish.reproduction import reproduce
from barograph.publish.site.places import facts as facts_of_places
from barograph.publish.site.register import Register

MANIFEST = "manifest.json"
STEPS = ("answers", "figures", "claims", "data", "documents", "pages", "manifest")
READ = ("*.toml", "*.csv", "*.topojson", "release.*.md")  # the files that decide an edition
Files = dict[str, bytes]
Step = Callable[[str, int, int], None]


def publish(
    wave: Wave,
    out: Path,
    step: Step = lambda name, done, of: None,
    *,
    municipality_reports: bool = False,
) -> Path:
    """Writes the edition of a wave to `out` and returns it.

    `step` hears the name of each step as it begins, and how much of how much of it is done.
    `municipality_reports` adds two pages of PDF for each municipality in each language. An edition
    already there is replaced in one move; a folder that is none is refused.
    """
    folder.refuse_other(out, MANIFEST, "edition")
    step("answers", 0, 1)
    wave.sample  # noqa: B018 - reads and weights the answers, so that this step is theirs
    step("figures", 0, 1)
    estimates = {
        name: wave.estimates(indicator) for name, indicator in wave.barometer.indicators.items()
    }
    step("claims", 0, 1)
    verdicts = _verdicts(wave)
    releases = _releases(wave, verdicts)
    step("data", 0, 1)
    reproduced = reproduce(wave)
    further = Further(wave, estimates, reproduced)
    beside = {
        "further.csv": csv_bytes(further.table()),
        "facts.json": _json(further.facts() | facts_of_places(Register.of(wave))),
    }
    data = open_data.build(wave, estimates, reproduced, wave.suppression, beside)
    files: Files = {**data.files, "claims.json": _json(_claims(wave, verdicts, releases))}
    step("documents", 0, 1)
    shown = {name: wave.shown(figures) for name, figures in estimates.items()}
    files |= dict(report.documents(wave, shown, releases))
    papers = [questionnaire.paper(wave.instrument, lang, wave.barometer.title) for lang in releases]
    for printed, document in zip(papers, questionnaire.pdfs(papers), strict=True):
        files[f"questionnaire.{printed.lang}.pdf"] = document
    if municipality_reports:
        count = len(wave.frame) * len(releases)
        for done, (name, pdf) in enumerate(report.municipalities(wave, shown, releases), start=1):
            files[name] = pdf
            step("documents", done, count)
    step("pages", 0, 1)
    files |= site.render(
        wave, shown, releases, further, data, files, lambda done, of: step("pages", done, of)
    )
    step("manifest", 0, 1)
    files[MANIFEST] = _json(_manifest(wave, files))
    folder.write(out, files)
    return out


def record(wave: Wave) -> Path:
    """Enters in the ledger of the barometer what the edition of a wave prints, and returns it.

    Later editions then print nothing from which, by differences, more could be learned.
    """
    path = wave.barometer.folder / LEDGER
    ledger = wave.barometer.ledger.append(
        wave.name, wave.frame.version, wave.tables, wave.suppression, wave.responses.version
    )
    partial = path.with_suffix(".partial")
    partial.write_text(ledger.text(), encoding="utf-8")
    partial.replace(path)
    return path


def check(wave: Wave) -> dict[str, Verdict]:
    """All that `publish` needs, without writing: answers, weights, claims and texts."""
    verdicts = _verdicts(wave)
    for release in _releases(wave, verdicts).values():
        release.markdown()
    reproduce(wave)
    Terms.of(wave.barometer)
    return verdicts


def mutants(wave: Wave) -> Tally:
    """What becomes of the sentences of a wave's texts when its figures move."""
    barometer, path = wave.barometer, wave.folder / "claims.toml"
    claims = read_claims(path, barometer.indicators, barometer.domains)
    return mutate(wave, claims, list(_releases(wave, judge(wave, claims)).values()))


def _verdicts(wave: Wave) -> dict[str, Verdict]:
    path = wave.folder / "claims.toml"
    barometer = wave.barometer
    return judge(wave, read_claims(path, barometer.indicators, barometer.domains))


def _releases(wave: Wave, verdicts: Mapping[str, Verdict]) -> dict[str, Release]:
    releases = {
        lang: Release(wave, lang, verdicts, facts(wave, lang)) for lang in wave.barometer.languages
    }
    check_same_assertions(releases)
    return releases


def _claims(
    wave: Wave, verdicts: Mapping[str, Verdict], releases: Mapping[str, Release]
) -> dict[str, Any]:
    tested = sum(v.tested for v in verdicts.values())
    return {
        "wave": wave.name,
        "synthetic": dict(wave.synthetic),
        "correction": {"method": "Holm", "claims": tested},
        "claims": {
            name: {
                **verdict.as_json(),
                "fallback_used": not verdict.holds,
                "sentences": {lang: release.sentence(name) for lang, release in releases.items()},
            }
            for name, verdict in verdicts.items()
        },
    }


def _manifest(wave: Wave, files: Files) -> dict[str, Any]:
    barometer = wave.barometer.folder
    rooms = (".", "frame", "questionnaire", wave.name)
    inputs = [p for room in rooms for kind in READ for p in barometer.glob(f"{room}/{kind}")]
    if wave.frozen:
        inputs += [wave.frozen.path(name) for name in (ANSWERS, QUESTIONNAIRE)]
    record = wave.sample.record
    return {
        "wave": wave.name,
        "synthetic": dict(wave.synthetic),
        "code": __version__,
        "frame": {
            "version": wave.frame.version,
            "on": str(wave.frame.on),
            "units": len(wave.frame),
        },
        "instrument": wave.instrument.version,
        "responses": {"version": wave.responses.version, "units": len(wave.responses)},
        "weights": {name: getattr(record, name) for name in type(record).__dataclass_fields__},
        "method": open_data.method_id(wave),
        "embargo": wave.embargo.isoformat() if wave.embargo else None,
        "disclosure": wave.suppression.as_json(),
        "inputs": {
            str(p.relative_to(barometer)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(inputs)
        },
        "outputs": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
