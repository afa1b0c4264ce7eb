"""What the validation report finds: one thing about one unit, in words of every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from barograph.collect.closing.decisions import About, Verdict
from barograph.instrument import Instrument
from barograph.publish import texts
from barograph.publish.formats import percent

WORDS = Path(__file__).with_suffix(".toml")


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of the closing pages."""
    return texts.load(WORDS)


@dataclass(frozen=True)
class Finding:
    """`key` names the answer, battery or other unit it is about, `values` fill its sentence.

    `verdicts` are the decisions it allows; with `settles` one of them is needed before freezing.
    """

    check: str
    unit: str
    name: str
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    verdicts: tuple[str, ...] = (Verdict.KEEP, Verdict.EXCLUDE)
    settles: bool = True

    @property
    def about(self) -> About:
        """What a decision on it names."""
        return self.unit, self.check, self.key

    def sentence(self, lang: str, instrument: Instrument) -> str:
        """In words; {question} is the wording of the question or battery."""
        values = {"question": wording(instrument, self.key.split("[")[0], lang), **self.values}
        if "expected" in values:
            share = max(float(values["expected"]), 0.01)
            values["expected"] = f"{'< ' if share == 0.01 else ''}{percent(share, lang)}"
        return words()[lang][f"found_{self.check}"].format(**values)


def wording(instrument: Instrument, name: str, lang: str) -> str:
    """A question or battery as asked, in another language where the questionnaire lacks this one."""
    question = instrument.questions.get(name)
    labels = question.label if question else instrument.groups.get(name, {})
    return labels.get(lang) or next(iter(labels.values()), name)
