"""The validation report of a wave: who counts, what is odd, what has to be decided before the freeze."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from barograph.accounts.models import Account
from barograph.barometer import Wave as Described
from barograph.collect import waves
from barograph.collect.closing import checks
from barograph.collect.closing.decisions import About, Decided, Verdict, decide
from barograph.collect.closing.findings import Finding
from barograph.collect.closing.given import Given, evaluated, given
from barograph.collect.models import Decision, Erasure, Wave
from barograph.collect.progress import data
from barograph.collect.questionnaire import Questionnaire, questionnaire
from barograph.errors import BadInput
from barograph.instrument import State


@dataclass(frozen=True)
class Nonresponse:
    """One question among those who count: asked = answered + dont_know + missing."""

    question: str
    asked: int
    answered: int
    dont_know: int

    @property
    def missing(self) -> int:
        """Asked and left empty."""
        return self.asked - self.answered - self.dont_know


@dataclass(frozen=True)
class Report:
    """All that is known of the answers of a wave before they are frozen.

    `counted` are the responses that would be frozen now, `answers` what of them would be, by unit.
    `tried` counts responses deleted because they were given to try the wave out.
    """

    wave: Wave
    form: Questionnaire
    given: Sequence[Given]
    counted: Sequence[Given]
    answers: Mapping[str, Mapping[str, str]]
    nonresponse: Sequence[Nonresponse]
    findings: Sequence[Finding]
    decided: Decided
    tried: int

    @property
    def open(self) -> tuple[Finding, ...]:
        """Findings that need a decision and have none; of a pair of units one decision does."""
        excluded = self.decided.units(Verdict.EXCLUDE)
        return tuple(
            f
            for f in self.findings
            if f.settles
            and not {f.unit, f.key} & excluded
            and not {f.about, (f.key, f.check, f.unit)} & self.decided.of.keys()
        )

    @property
    def modes(self) -> dict[str, int]:
        """How the answers that count came in."""
        return dict(Counter(g.mode for g in self.counted))

    def numbers(self) -> dict[str, int]:
        """What freeze.json tells."""
        signed = [g for g in self.given if g.signed]
        blanked = sum(len(self.decided.blanked(g.code)) for g in self.counted)
        return {
            "units": self.wave.units.count(),
            "begun": len(self.given),
            "signed": len(signed),
            "included_unsigned": sum(not g.signed for g in self.counted),
            "excluded": len(self.decided.units(Verdict.EXCLUDE) & {g.code for g in self.given}),
            "blanked": blanked,
            "respondents": len(self.counted),
            **{f"by_{mode}": n for mode, n in sorted(self.modes.items())},
        }


def validate(wave: Wave, described: Described) -> Report:
    """The report of a wave as its answers and decisions are now."""
    form, rows = questionnaire(wave.form_id), given(wave)
    acts = {g.code: [act for act in (g.last, g.signed) if act] for g in rows}
    decided = Decided.read(wave).holding({code: max(at) for code, at in acts.items() if at})
    included, excluded = (decided.units(v) for v in (Verdict.INCLUDE, Verdict.EXCLUDE))
    candidates = [g for g in rows if g.signed or g.code in included]
    raw = {g.code: evaluated(form, g.answers) for g in candidates}
    sound = {
        g.code: {
            k: v for k, v in data(g.answers, raw[g.code]).items() if k not in raw[g.code].faults
        }
        for g in candidates
    }
    counted = [g for g in candidates if g.code not in excluded]
    kept = {g.code: _kept(form, g, decided) for g in counted}
    given_by = {g.code: g.answers for g in counted}
    states = {
        code: raw[code] if left == given_by[code] else evaluated(form, left)
        for code, left in kept.items()
    }
    answers = {code: data(left, states[code]) for code, left in kept.items()}
    findings = (
        *_unsigned(rows),
        *_frame(wave, described, candidates),
        *_late(wave, candidates),
        *_faults(candidates, raw),
        *checks.straight(candidates, sound, form.instrument),
        *checks.duplicates(candidates, sound, form.instrument),
        *checks.speeders(candidates),
        *checks.outliers(candidates, sound, form.instrument),
    )
    nonresponse = tuple(_nonresponse(form, states, answers))
    return Report(wave, form, rows, counted, answers, nonresponse, findings, decided, _tried(wave))


def settle(
    report: Report, about: About, verdict: str, reason: str, by: Account | None = None
) -> list[Decision]:
    """Decides one finding, or, where `about` names no unit, lets all open ones of a check stand.

    BadInput for a finding that is not there or a decision it does not allow.
    """
    unit, check, _ = about
    found = [f for f in report.findings if f.about == about]
    if not unit:
        found = [f for f in report.open if f.check == check]
    if not found:
        raise BadInput(f"there is no such finding: {' '.join(about).strip()}")
    allowed = set(found[0].verdicts) & ({verdict} if unit else {Verdict.KEEP})
    if verdict not in allowed:
        known = ", ".join(found[0].verdicts) if unit else Verdict.KEEP
        raise BadInput(
            f"{verdict!r} cannot be decided here", todo=f"Possible: {known or 'nothing'}"
        )
    return decide(report.wave, [f.about for f in found], verdict, reason, by)


def _kept(form: Questionnaire, g: Given, decided: Decided) -> dict[str, str]:
    """The answers of a unit without those that were decided to be left out."""
    blanked = decided.blanked(g.code)
    rows = {row.name for name in blanked for row in form.instrument.battery(name)}
    return {k: v for k, v in g.answers.items() if k not in blanked and k not in rows}


def _tried(wave: Wave) -> int:
    found = Erasure.objects.filter(reason="testing", counts__wave=wave.name)
    return sum(erasure.counts["responses"] for erasure in found)


def _unsigned(rows: Sequence[Given]) -> Iterator[Finding]:
    """Responses begun and not signed: they do not count unless taken in."""
    for g in rows:
        if not g.signed:
            values = {"answers": str(sum(1 for v in g.answers.values() if v))}
            verdicts = (Verdict.INCLUDE, Verdict.KEEP)
            yield Finding("unsigned", g.code, g.unit.name, "", values, verdicts, settles=False)


def _frame(wave: Wave, described: Described, candidates: Sequence[Given]) -> Iterator[Finding]:
    """Units that the frame has otherwise than when the wave was prepared."""
    answered = {g.code for g in candidates}
    names = dict(wave.units.values_list("code", "name"))
    for code, (then, now) in waves.moved(wave, described).items():
        name = names.get(code, code)
        if not now and code in answered:
            yield Finding("gone", code, name, verdicts=(Verdict.EXCLUDE,))
        elif not now or not then:
            check = "left" if then else "new"
            yield Finding(check, code, name, verdicts=(), settles=False)
        else:
            differ = [
                f"{key}: {then.get(key, '')} → {now[key]}"
                for key in now
                if now[key] != then.get(key)
            ]
            values = {"change": ", ".join(differ)}
            yield Finding("moved", code, name, "", values, (), settles=False)


def _late(wave: Wave, candidates: Sequence[Given]) -> Iterator[Finding]:
    """Signed after the last day announced: they count unless left out."""
    for g in candidates:
        if g.signed and wave.closes and timezone.localdate(g.signed) > wave.closes:
            values = {"day": str(timezone.localdate(g.signed)), "closes": str(wave.closes)}
            yield Finding("late", g.code, g.unit.name, "", values, settles=False)


def _faults(candidates: Sequence[Given], raw: Mapping[str, State]) -> Iterator[Finding]:
    """Answers that the questionnaire refuses, of responses taken in unsigned."""
    for g in candidates:
        for key, fault in raw[g.code].faults.items():
            if fault.kind != "required":
                values = {"answer": g.answers.get(key, "")[:80]}
                verdicts = (Verdict.BLANK, Verdict.EXCLUDE)
                yield Finding("fault", g.code, g.unit.name, key, values, verdicts)


def _nonresponse(
    form: Questionnaire, states: Mapping[str, State], answers: Mapping[str, Mapping[str, str]]
) -> Iterator[Nonresponse]:
    questions = form.instrument.questions
    for name in form.instrument.variables:
        asked = [answers[code].get(name, "") for code, s in states.items() if s.relevant[name]]
        word = questions[name].dont_know
        unknown = sum(1 for answer in asked if word and word in answer.split())
        answered = sum(1 for answer in asked if answer)
        yield Nonresponse(name, len(asked), answered - unknown, unknown)
