"""Whatever stands in the cells, only our own error is raised, soon; whatever is answered, too."""

import time
from contextlib import suppress
from pathlib import Path
from unittest import mock

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from barograph.errors import BadInput
from barograph.instrument import Logic, sheets, xlsform
from barograph.instrument.expression import compiling
from barograph.instrument.expression.functions import ARITIES
from barograph.instrument.profile import LISTS, OUTSIDE, SURVEY_COLUMNS, TYPES

TYPE = st.sampled_from(
    [*sorted(TYPES), *(f"{t} yn" for t in LISTS), *sorted(OUTSIDE)[:3], "select_one yn or_other"]
    + ["begin_group", "end_group", "begin_repeat", "end_repeat", "end group"] * 3
)
NAME = st.sampled_from([*"abcde", "a-1", "1x", "meta", ""])
ATOM = st.sampled_from(
    "${a} ${b} ${c} . ../a current()/../b 'x' 'yes' 1 -2.5 true() '2020-01-01' '${a}' "
    "instance('yn')/root/item[name=${a}]/label ${a} ${b}".split(" ")
)
BINARY = st.sampled_from("+ - * div mod and or = != < <= > >= |".split())
CALLED = sorted("jr:choice-name" if name == "choice-name" else name for name in ARITIES)


def _call(name, given):
    least, most = ARITIES[name.removeprefix("jr:")]
    return f"{name}({', '.join(given[: most or 3][: max(least, len(given) - 2)])})"


# Well-formed most of the time, so that it is evaluated and not only refused.
FORMED = st.recursive(
    ATOM,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, BINARY, inner),
        st.builds(_call, st.sampled_from(CALLED), st.lists(inner, min_size=4, max_size=5)),
    ),
    max_leaves=5,
)
BROKEN = st.lists(
    st.one_of(ATOM, FORMED, BINARY, st.sampled_from(list("()[],/"))), min_size=1, max_size=5
).map(" ".join)
EXPRESSION = st.one_of(FORMED, FORMED, FORMED, BROKEN)
TEXT = st.text(max_size=12)
CELLS = st.dictionaries(
    st.sampled_from([*sorted(SURVEY_COLUMNS - {"type", "name"}), "barograph::dont_know", "x"]),
    st.one_of(
        EXPRESSION, TEXT, st.sampled_from(["table-list", "field-list", "label", "start=0 step=x"])
    ),
    max_size=4,
)
ROWS = st.lists(st.tuples(TYPE, NAME, CELLS), max_size=8)
ANSWER = st.one_of(
    st.sampled_from(["", "yes", "yes no", "3", "-2.5", "2020-02-30", "nan", "1e400", "٣", "("]),
    TEXT,
)
ANSWERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "a[1]", "b[2]", "a[1][1]", "zz", "a[x", "[1]", "a[0]"]),
    ANSWER,
    max_size=6,
)


def book(rows):
    heads = {"label", *(c for _, _, cells in rows for c in cells)}
    headings = {c: c for c in ("type", "name", *sorted(heads))}
    placed = tuple(
        sheets.Row("survey.csv", i, {"label": "L"} | cells | {"type": kind, "name": name}, headings)
        for i, (kind, name, cells) in enumerate(rows, start=2)
    )
    choices = tuple(
        sheets.Row("choices.csv", i, {"list_name": "yn", "name": c, "label": c}, {"label": "label"})
        for i, c in enumerate(("yes", "no"), start=2)
    )
    return sheets.Book(
        Path("form"),
        sheets.Sheet("survey.csv", headings, placed),
        sheets.Sheet("choices.csv", {"label": "label"}, choices),
        sheets.Sheet("settings.csv"),
    )


@settings(max_examples=300)
@given(rows=ROWS, answers=ANSWERS, more=ANSWERS)
@example(rows=[("integer", "a", {"relevant": "1 div 0 mod 0"})], answers={}, more={})
@example(rows=[("calculate", "a", {"calculation": "/"})], answers={}, more={})
def test_nothing_but_our_own_error(rows, answers, more):
    started = time.process_time()
    builder = xlsform.Builder(book(rows), ["en"], True)
    instrument = builder.build()
    try:
        logic = Logic(instrument)
    except BadInput:
        event("refused")
        return
    event("evaluated")
    xlsform.lint.habits(instrument, logic.graph, builder.report_named)
    with mock.patch.object(compiling.LOG, "exception", side_effect=AssertionError):
        state = logic.evaluate(answers)
        later = answers | more
        step, whole = logic.evaluate(later, list(more), state), logic.evaluate(later)
        assert set(step.relevant) == set(whole.relevant)
        assert set(step.values) == set(whole.values)
        for key in step.relevant:
            step.choices(key)
        with suppress(BadInput):  # of a name that there is not
            step.text({"en": "${a} ${c}"}, "en")
        assert set(step.faults) <= set(step.relevant)
    assert time.process_time() - started < 5
