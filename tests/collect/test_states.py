"""States: who may answer when, what opening asks for, and that what was tried never counts."""

import pytest
from closing import Field, State, folder_of
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import barograph as bg
from barograph.accounts.models import Event
from barograph.collect import invitations, states, waves
from barograph.collect.closing.freeze import freeze
from barograph.collect.models import (
    Answer,
    Erasure,
    Response,
    Save,
    Signature,
    Status,
    Transition,
    Wave,
)
from barograph.collect.progress import data
from barograph.collect.questionnaire import questionnaire
from barograph.collect.saving import Sent, save
from barograph.collect.signing import receipt, signature
from barograph.errors import BadInput
from barograph.files import sha256

UNITS = [f"U{n:02}" for n in range(1, 21)]
WAY = (State.TESTING, State.OPEN, State.CLOSING, State.CLOSED)


@pytest.fixture
def folder(tmp_path):
    return folder_of(tmp_path)


@pytest.fixture
def field(db, folder):
    return Field(folder)


def taken(field, code, *, begun=True):
    """Whether an answer of this unit is taken now."""
    unit = field.wave.units.get(code=code)
    response = Response.objects.get(unit=unit)
    if not begun:
        Response.objects.filter(pk=response.pk).update(status=Status.INVITED)
    done = save(response, unit.invitations.first(), "s", {"relevance": "4"}, Sent("late", 0))
    return done is not None


def test_answers_are_taken_while_testing_open_or_closing_and_never_by_the_clock(field):
    """S-07. Who has not begun cannot begin once it closes; the announced day ends nothing."""
    field.invite("U01")
    assert not taken(field, "U01")
    for state, begun, begins in (
        (State.TESTING, True, True),
        (State.OPEN, True, True),
        (State.CLOSING, True, False),
        (State.CLOSED, False, False),
    ):
        field.to(state)
        if state == State.OPEN:
            Wave.objects.filter(pk=field.wave.pk).update(closes=None)
            field.invite("U02")
        assert taken(field, "U02" if state != State.TESTING else "U01") is begun
        Response.objects.filter(unit__code="U02").update(status=Status.STARTED)
        if state != State.TESTING:
            assert taken(field, "U02", begun=False) is begins
            Response.objects.filter(unit__code="U02").update(status=Status.STARTED)


def test_a_closed_wave_takes_no_signature_and_gives_none_back(field):
    field.to(State.TESTING, State.OPEN)
    signed = field.answer("U01", {"relevance": "4"})
    unsigned = field.answer("U02", {"relevance": "4"}, sign=False)
    by = {r.pk: r.unit.invitations.get() for r in (signed, unsigned)}
    field.to(State.CLOSING, State.CLOSED)
    for response in (signed, unsigned):
        response.refresh_from_db()
    assert field.sign(unsigned, by[unsigned.pk]) is None
    assert field.reopen(signed, by[signed.pk]) is None
    assert signature(signed) is not None


def test_the_way_on_the_way_back_and_nothing_else():
    assert dict(zip(State.values, State.values[1:], strict=False)) == {**states.ONWARDS}
    for after, before in states.BACK.items():
        assert State.values.index(before) == State.values.index(after) - 1
    assert set(states.BACK) == set(State.values) - {State.DRAFT, State.OPEN}


def test_a_way_back_needs_a_reason_and_each_move_is_told(field):
    field.to(State.TESTING)
    with pytest.raises(BadInput, match="Give a reason"):
        field.to(State.DRAFT)
    field.to(State.DRAFT, reason=" a typing error ")
    told = list(Transition.objects.values_list("before", "after", "reason"))
    assert told == [("draft", "testing", ""), ("testing", "draft", "a typing error")]
    acts = list(Event.objects.order_by("pk").values_list("act", "wave", "detail__reason"))
    assert acts == [("wave testing", "2026", ""), ("wave draft", "2026", "a typing error")]
    with pytest.raises(BadInput, match="No step leads from “draft” to “closed”"):
        field.to(State.CLOSED)


def test_what_was_tried_is_gone_before_the_wave_opens(field):
    field.to(State.TESTING)
    tried = field.answer("U01", {"relevance": "1"})
    old = tried.unit.invitations.get()
    waiting = invitations.invite(tried.unit, "clerk@example.org", "en")
    untouched = invitations.invite(field.wave.units.get(code="U02"), "b@example.org", "en")
    field.to(State.OPEN)
    assert [m.objects.count() for m in (Answer, Save, Signature)] == [0, 0, 0]
    fresh = Response.objects.get(unit=tried.unit)
    assert (fresh.status, fresh.serial) == (Status.INVITED, 0)
    assert fresh.public_id != tried.public_id
    assert invitations.find(invitations.token(old)) is None
    for invitation in (waiting, untouched):
        assert invitations.find(invitations.token(invitation)) is not None
    with pytest.raises(Response.DoesNotExist):  # a page from the test that is still open
        save(tried, old, "s", {"relevance": "1"}, Sent("p", 0))
    (erasure,) = Erasure.objects.all()
    assert (erasure.reason, erasure.counts["responses"]) == ("testing", 1)
    assert erasure.closed is not None


def test_a_draft_takes_in_what_the_folder_says(field, folder):
    first = field.wave.form_id
    path = folder / "questionnaire" / "choices.csv"
    path.write_text(path.read_text().replace("Indispensable", "Necessary"))
    frame = folder / "frame" / "municipalities.csv"
    lines = frame.read_text().splitlines()
    frame.write_text("\n".join([*lines[:-1], "U99,New,north,,"]) + "\n")
    gone = lines[-1].split(",")[0]
    field.invite("U01")
    assert set(waves.moved(field.wave, field.described)) == {"U99", gone}
    field.to(State.TESTING)
    assert field.wave.form_id == bg.open(folder).instrument.version != first
    assert Response.objects.get(unit__code="U01").form_id == field.wave.form_id
    assert waves.moved(field.wave, field.described) == {}


def test_opening_asks_for_dates_and_the_tested_questionnaire(field, folder):
    field.to(State.TESTING)
    toml = folder / "2026" / "wave.toml"
    told = toml.read_text()
    closed = next(line for line in told.splitlines() if line.startswith("closed"))
    toml.write_text(told.replace(closed, "closed = 2020-01-01"))
    with pytest.raises(BadInput, match=r"before the first .* has passed: name a later one"):
        field.to(State.OPEN)
    toml.write_text(told.replace("reference_date = 2026-01-01", "reference_date = 2026-02-01"))
    with pytest.raises(BadInput, match="another reference date"):
        field.to(State.OPEN, reason="no matter")
    toml.write_text(told)
    survey = folder / "questionnaire" / "choices.csv"
    sound = survey.read_text()
    for text, words in (
        (sound.replace("relevance5", "relevance6"), "has a fault: .*BG106"),
        (sound.replace("Indispensable", "Necessary"), "is not the one that was tested"),
    ):
        survey.write_text(text)
        with pytest.raises(BadInput, match=words):
            field.to(State.OPEN)
    assert field.wave.state == State.TESTING
    field.to(State.OPEN, reason="a comma in a label")
    assert field.wave.state == State.OPEN


def test_a_draft_with_a_fault_in_its_folder_stays_a_draft(field, folder):
    survey = folder / "questionnaire" / "survey.csv"
    survey.write_text(survey.read_text().replace("relevance5", "relevance6"))
    with pytest.raises(states.Refused, match=r"The folder has a fault: .*BG106"):
        field.to(State.TESTING)
    field.wave.refresh_from_db()
    assert field.wave.state == State.DRAFT


def test_a_language_that_was_added_since_stands_against_opening(field, folder):
    field.to(State.TESTING)
    path = folder / "barometer.toml"
    text = path.read_text().replace('languages = ["en"]', 'languages = ["en", "nl"]')
    path.write_text(
        text.replace("en = ", 'nl = "x"\nen = ').replace('{ nl = "x"\n', '{ nl = "x", ')
    )
    path = folder / "indicators.toml"
    path.write_text(path.read_text().replace("{ en", '{ nl = "x", en'))
    path = folder / "2026" / "wave.toml"
    path.write_text(path.read_text().replace("\nen = ", '\nnl = "x"\nen = '))
    with pytest.raises(BadInput, match="no text in: nl"):
        field.to(State.OPEN)
    field.to(State.OPEN, reason="Dutch follows")
    assert field.wave.state == State.OPEN


def test_a_practice_wave_is_never_frozen(field):
    practice = waves.prepare(field.described, practice=True)
    for to in (State.CLOSING, State.CLOSED):
        states.move(practice, to, field.described)
    assert states.moves(practice) == (State.CLOSING,)
    with pytest.raises(BadInput, match="practice wave never gives results"):
        freeze(practice, field.described)
    for to in (State.FROZEN, State.PUBLISHED):
        with pytest.raises(BadInput):
            states.move(practice, to, field.described)


class Fieldwork(RuleBasedStateMachine):
    """S-08: a wave of three units moved, answered, signed, reopened and frozen in any order."""

    folder = described = None
    reached = []  # noqa: RUF012 - of all examples

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.field = Field(self.folder)
        states.move(self.field.wave, State.TESTING, self.described)
        self.model = {}  # unit -> the answer that holds; gone when it was tried only
        self.signed = set()
        self.versions = []

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        for made in (self.folder / "2026" / "frozen").glob("*/*"):
            made.unlink()
        for place in (self.folder / "2026" / "frozen").glob("*"):
            place.rmdir()

    def _state(self):
        return self.field.wave.state

    def _moved(self, to):
        if self._state() == State.TESTING:
            self.model, self.signed = {}, set()
        states.move(self.field.wave, to, self.described, reason="because")

    @rule(steps=st.sampled_from((1, 2, 5)))
    def onwards(self, steps):
        for _ in range(steps):
            to = states.ONWARDS.get(self._state())
            if to == State.FROZEN:
                self._freeze()
            elif to and to != State.PUBLISHED:
                self._moved(to)

    @rule(steps=st.integers(1, 3))
    def back(self, steps):
        for _ in range(steps):
            if self._state() in states.BACK:
                self._moved(states.BACK[self._state()])

    def _freeze(self):
        if not self.signed:
            with pytest.raises(BadInput):
                freeze(self.field.wave, self.described)
            return
        made = freeze(self.field.wave, self.described)
        self.reached.append(made.number)
        self.versions.append(made)
        assert made.number == len(self.versions)
        frozen = bg.open(self.folder).wave("2026").responses
        given = dict(zip(frozen.units.tolist(), frozen.answers["relevance"].tolist(), strict=True))
        assert given == {unit: self.model[unit] for unit in self.signed}

    @rule(unit=st.sampled_from(UNITS[:3]), value=st.sampled_from("12345"))
    def answer(self, unit, value):
        found = self.field.wave.units.get(code=unit)
        if self._state() == State.DRAFT:
            return
        by = found.invitations.filter(revoked=None).first() or self.field.invite(unit)
        response = Response.objects.get(unit=found)
        takes = self._state() in WAY[:3] and unit not in self.signed
        done = save(response, by, "s", {"relevance": value}, Sent(f"p{response.serial}", 2**30))
        assert (done is not None) is takes
        if takes:
            self.model[unit] = value

    @rule(unit=st.sampled_from(UNITS[:3]), back=st.booleans())
    def sign_or_reopen(self, unit, back):
        response = Response.objects.filter(unit__wave=self.field.wave, unit__code=unit).first()
        by = response and response.unit.invitations.filter(revoked=None).first()
        if not by:
            return
        done = (self.field.reopen if back else self.field.sign)(response, by)
        may = self._state() in WAY[:3] and (unit in self.signed if back else unit in self.model)
        if back or unit not in self.signed:
            assert (done is not None) is may
            if may:
                (self.signed.discard if back else self.signed.add)(unit)

    @invariant()
    def one_final_response_at_most_and_its_receipt_verifies(self):
        responses = Response.objects.filter(unit__wave=self.field.wave).select_related("unit")
        assert len({r.unit_id for r in responses}) == len(responses)
        final = {r.unit.code: r for r in responses if r.status == Status.SIGNED}
        assert set(final) == self.signed
        for response in final.values():
            form = questionnaire(response.form_id)
            held = dict(response.answers.values_list("key", "value"))
            last = signature(response)
            counts = data(held, form.logic.evaluate(held))
            assert last.receipt == receipt(last.salt, response.form_id, counts)

    @precondition(lambda self: self.versions)
    @invariant()
    def frozen_versions_never_change(self):
        for made in self.versions:
            assert sha256(self.folder / made.folder / "responses.parquet") == made.sha256


def test_any_order_of_moves_and_answers_gives_one_final_response(db, folder):
    Fieldwork.folder, Fieldwork.described = folder, Field(folder).described
    run_state_machine_as_test(
        Fieldwork,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert max(Fieldwork.reached, default=0) > 1, "no wave was frozen, reopened and frozen again"
