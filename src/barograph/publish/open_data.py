"""The open data of an edition: figures, answers where they may be shown, and their description.

Every file is made from the same tables and the same catalogue entry; what each format asks for
stands in `publish/data`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.indicators import Labels
from barograph.publish import data, texts
from barograph.publish.data import answers, catalogue, codebook, cube, datapackage, figures
from barograph.publish.data import microdata as micro
from barograph.publish.data import schema_org as search
from barograph.publish.data import tables as table
from barograph.publish.data.anonymity import LEAST
from barograph.publish.data.catalogue import Catalogue, Dataset, named
from barograph.publish.data.figures import Figures
from barograph.publish.data.microdata import MicroFile
from barograph.publish.data.readme import readme
from barograph.publish.data.sav import sav_bytes
from barograph.publish.data.tables import Table
from barograph.publish.data.terms import Terms
from barograph.publish.data.workbook import xlsx_bytes
from barograph.publish.language import Language
from barograph.publish.reproduction import Reproduced

if TYPE_CHECKING:
    from barograph.estimate.disclosure import Suppression

FOLDER = "data"
ENTRY = "catalogue.jsonld"
DOCUMENTS = ("README.md", "datapackage.json")
WORDS = Path(data.__file__).with_name("words.toml")
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class OpenData:
    """The data of an edition: `files` by their path in it, and the catalogue entry."""

    files: Mapping[str, bytes]
    catalogue: Catalogue

    def schema_org(self, lang: str) -> dict[str, Any]:
        """The entry as schema.org, for a page that stands in the folder of its language."""
        return search.schema_org(self.catalogue, lang, f"../{FOLDER}/")


def build(
    wave: Wave,
    estimates: Mapping[str, Estimates],
    reproduced: Sequence[Reproduced],
    suppression: Suppression | None = None,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> OpenData:
    """All data files; `suppression` says which figures are withheld or printed in steps.

    `beside` are files of figures that others make. What is listed anywhere is listed from here.
    The same inputs give the same bytes: what asks for a moment gets the day the wave closed.
    """
    terms = Terms.of(wave.barometer)
    words = texts.load(WORDS, wave.barometer.languages)
    shown = Figures(wave, estimates, method_id(wave), suppression)
    micro_file = micro.micro_file(wave, terms.microdata, words)
    found = _figures(shown, reproduced, words) | _answers(wave, micro_file, words) | dict(beside)
    entry = _catalogue(wave, terms, words, found, micro_file)
    tables = _tables(shown, reproduced, words)
    found["codebook.xml"] = codebook.xml_bytes(_study(shown, entry, words, micro_file))
    found["datapackage.json"] = _json(datapackage.descriptor(entry, tables, found))
    found[ENTRY] = _json(catalogue.dcat_ap(entry, ENTRY))
    found["README.md"] = readme(wave, entry.terms, micro_file).encode()
    return OpenData({f"{FOLDER}/{name}": content for name, content in found.items()}, entry)


def estimates_csv(wave: Wave, estimates: Mapping[str, Estimates]) -> bytes:
    """estimates.csv alone."""
    return table.csv_bytes(figures.estimates(Figures(wave, estimates, method_id(wave))))


def method_id(wave: Wave) -> str:
    """How the figures were made, as one word: synthetic or observed answers, weights, interval."""
    kind = "synthetic" if wave.synthetic else "observed"
    record, first = wave.sample.record, wave.weighting.propensity
    steps = [f"{first.method}({'+'.join(first.variables)})"] if first else []
    steps.append(f"{record.method}({'+'.join(record.margins)})")
    return f"{kind}:{','.join(steps)}:{wave.policy.replace('_', '-')}"


def _languages(wave: Wave) -> dict[str, Language]:
    loaded = texts.load(languages=wave.barometer.languages)
    return {lang: Language(wave, lang, loaded[lang]) for lang in wave.barometer.languages}


def _tables(shown: Figures, reproduced: Sequence[Reproduced], words: Words) -> list[Table]:
    languages = _languages(shown.wave)
    tables = [
        figures.estimates(shown),
        figures.indicators(shown, languages),
        figures.categories(
            shown, languages, {lang: w["rank"].format(place=1) for lang, w in words.items()}
        ),
        figures.domains(shown, languages),
    ]
    return [*tables, figures.reproduction(shown, reproduced)] if reproduced else tables


def _figures(shown: Figures, reproduced: Sequence[Reproduced], words: Words) -> dict[str, bytes]:
    wave, tables = shown.wave, _tables(shown, reproduced, words)
    titles = _filled(wave, words, "figures_title")
    first = wave.barometer.languages[0]
    notes = [titles[first], *_notices(wave), wave.barometer.attribution]
    found = {f"{t.name}.csv": table.csv_bytes(t) for t in tables}
    found["estimates.xlsx"] = xlsx_bytes(
        tables, [n for n in notes if n], titles[first], "Barograph", wave.closed
    )
    for lang, language in _languages(wave).items():
        content = cube.cube(shown, language, words[lang], titles[lang])
        found[f"estimates.{lang}.json"] = _json(content)
    return found


def _answers(wave: Wave, micro_file: MicroFile | None, words: Words) -> dict[str, bytes]:
    if micro_file is None:
        return {}
    titles, notes = _filled(wave, words, "answers_title"), [*_notices(wave), method_id(wave)]
    found = {"answers.parquet": micro.parquet_bytes(micro_file.columns, titles, notes)}
    for lang in wave.barometer.languages:
        mine = [wave.synthetic[lang]] if wave.synthetic else []
        found[f"answers.{lang}.sav"] = sav_bytes(
            micro_file.columns, lang, titles[lang], [*mine, method_id(wave)], wave.closed
        )
    return found


def _catalogue(
    wave: Wave, terms: Terms, words: Words, found: Mapping[str, bytes], micro_file: MicroFile | None
) -> Catalogue:
    barometer = wave.barometer
    datasets = [_dataset(wave, words, found, "figures", (*DOCUMENTS, "codebook.xml"))]
    if micro_file:
        datasets.append(
            _dataset(wave, words, found, "answers", ("README.md", "codebook.xml"), micro_file)
        )
    return Catalogue(
        name=_name(f"{barometer.title[barometer.languages[0]]} {wave.name}"),
        title=barometer.title,
        languages=barometer.languages,
        terms=terms,
        version=wave.name,
        opened=wave.opened,
        closed=wave.closed,
        keywords={
            lang: tuple(label[lang] for label in barometer.sections.values())
            for lang in barometer.languages
        },
        sources=barometer.attribution,
        datasets=tuple(datasets),
    )


def _dataset(
    wave: Wave,
    words: Words,
    found: Mapping[str, bytes],
    key: str,
    documents: tuple[str, ...],
    micro_file: MicroFile | None = None,
) -> Dataset:
    """The files of the answers, or those of the figures."""
    mine = [(p, c) for p, c in found.items() if p.startswith("answers.") == (key == "answers")]
    titles = _filled(wave, words, f"{key}_title")
    notices = {lang: f"{text} " for lang, text in wave.synthetic.items()}
    about = _filled(wave, words, f"{key}_description", len(micro_file) if micro_file else 0)
    described = {lang: notices.get(lang, "") + text for lang, text in about.items()}
    return Dataset(key, titles, described, named(mine, titles), documents)


def _study(
    shown: Figures, entry: Catalogue, words: Words, micro_file: MicroFile | None
) -> codebook.Study:
    wave, rules = shown.wave, entry.terms.microdata
    public, left_out = answers.kept(
        wave.instrument, wave.responses, rules.withhold if rules else ()
    )
    return codebook.Study(
        wave,
        entry,
        _filled(wave, words, "codebook_title"),
        shown.method,
        micro_file.columns if micro_file else answers.columns(wave.responses, public, words),
        left_out,
        entry.datasets[1] if micro_file else None,
        {lang: w["not_public"] for lang, w in words.items()},
        len(micro_file) if micro_file else 0,
    )


def _filled(wave: Wave, words: Words, key: str, rows: int = 0) -> Labels:
    """A text in each language, with what it says of the wave."""
    record = wave.sample.record
    return {
        lang: w[key].format(
            title=wave.barometer.title[lang],
            wave=wave.name,
            answered=record.respondents,
            population=record.population,
            rows=rows,
            least=LEAST,
        )
        for lang, w in words.items()
    }


def _notices(wave: Wave) -> list[str]:
    return list(wave.synthetic.values())


def _name(text: str) -> str:
    """A name of small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
