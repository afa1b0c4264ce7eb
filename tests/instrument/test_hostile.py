"""Everything imported is hostile: it compiles, or ends soon in a plain message."""

import time
import zipfile
from dataclasses import replace

import pytest
from questionnaires import as_csv, as_xlsx

from barograph.errors import BadInput
from barograph.instrument import Logic, compile, examine
from barograph.instrument.sandbox import LIMITS, run

HEAD = (
    "| type | name | label::English (en) | relevant | calculation | constraint | repeat_count |\n"
)


def form(tmp_path, rows, **more):
    return as_csv(tmp_path / "form", survey=HEAD + rows, **more)


def test_a_zip_bomb_is_refused_unopened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for i in range(30):
            book.writestr(f"xl/worksheets/sheet{i}.xml", b"0" * 10_000_000)
    with pytest.raises(BadInput, match="40 MB unpacked"):
        compile(path)


def test_entities_are_refused(tmp_path):
    path = as_xlsx(tmp_path / "good.xlsx", survey=HEAD + "| text | a | A |")
    bad = tmp_path / "bad.xlsx"
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    )
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bad, "w") as target:
        for part in source.infolist():
            target.writestr(part, laughs if "sheet1" in part.filename else source.read(part))
    with pytest.raises(BadInput, match="declares XML entities"):
        compile(bad)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_rubbish_is_no_workbook(tmp_path, content, suffix):
    path = tmp_path / f"rubbish.{suffix}"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="rubbish"):
        compile(path)


def test_limits_of_the_child_process(tmp_path):
    script, file = tmp_path / "script.py", tmp_path / "form.xlsx"
    for idle in ("time.sleep(1)", "pass"):
        script.write_text(f"import time\nwhile True: {idle}")
        with pytest.raises(BadInput, match="longer than 1 s"):
            run(script, [], "", file, replace(LIMITS, seconds=1))
    script.write_text("x = bytearray(2 << 30)")
    with pytest.raises(BadInput, match="more than 1024 MB"):
        run(script, [], "", file)
    script.write_text("print('not json')")
    with pytest.raises(BadInput, match="cannot be read"):
        run(script, [], "", file)


def test_a_huge_sheet_is_refused(tmp_path):
    rows = "\n".join(f"| text | q{i} | A |" for i in range(10_001))
    with pytest.raises(BadInput, match="over 10000 rows"):
        compile(form(tmp_path, rows))
    with pytest.raises(BadInput, match="over 20000 characters"):
        compile(form(tmp_path, f"| text | a | {'A' * 20_001} |"))


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 4_900 + "1" + ")" * 4_900,
        "-" * 9_000 + "1",
        "not(" * 60 + "1" + ")" * 60 + " and " + "-" * 400 + "1",
        "a/" * 3_000 + "a",
        "1" + " + 1" * 3_000,
        "[" * 50,
        "'",
        "${a",
        "$a $b",
        "instance('x')/root",
        "document('file:///etc/passwd')",
        "unparsed-text('/etc/passwd')",
        "//a",
        "id('a')",
        "@a",
        "ancestor::a",
        "processing-instruction('x')",
        "pulldata('../../etc/passwd', 'a', 'b', 'c')",
        "sum(1) > count(1)",
        "concat('" + "a" * 9_000,
    ],
)
def test_an_expression_out_of_bounds_is_told(tmp_path, expression):
    started = time.process_time()
    instrument, findings = examine(
        as_csv(
            tmp_path / "form",
            survey="| type | name | label::English (en) | relevant |\n| text | a | A | "
            + expression
            + " |",
        )
    )
    assert instrument is None
    assert findings[0].row == 2
    assert len(str(findings[0])) < 1_000
    assert time.process_time() - started < 5


def test_what_runs_too_long_stops(tmp_path):
    choices = "| list_name | name | label::English (en) |\n" + "\n".join(
        f"| many | c{i} | C |" for i in range(1_500)
    )
    loops = "count(instance('many')/root/item[count(instance('many')/root/item[name != current()]) > 1])"
    rows = f"| select_one many | a | A |\n| calculate | b | | | {loops} |"
    logic = Logic(compile(form(tmp_path, rows, choices=choices)))
    state = logic.evaluate({"a": "c1"})
    assert state.answers.steps < 0
    assert (state.values["a"], state.values["b"]) == ("c1", "")


def test_texts_do_not_grow_without_end(tmp_path):
    rows = "| text | c0 | A |\n" + "\n".join(
        f"| calculate | c{i + 1} | | | concat(${{c{i}}}, ${{c{i}}}) |" for i in range(40)
    )
    logic = Logic(compile(form(tmp_path, rows)))
    values = logic.evaluate({"c0": "abcdefgh"}).values
    assert [len(values[f"c{i}"]) for i in (13, 14)] == [65_536, 0]


# An answer that is stored can be shown and corrected, whatever expressions make of it.


def test_a_count_beyond_what_can_be_asked_is_a_fault_of_who_counted(tmp_path):
    rows = """| integer | n | N |
| integer | m | M |
| calculate | twice | | | ${m} * 2 |
| begin_repeat | p | P | | | | ${n} |
| integer | amount | A |
| calculate | share | | | ${amount} div sum(${p}/amount) |
| begin_repeat | q | Q | | | | ${twice} |
| text | t | T |
| end_repeat |
| end_repeat |"""
    logic = Logic(compile(form(tmp_path, rows)))
    state = logic.evaluate({"n": "1e9", "m": "1"})
    assert (state.values["p"], list(state.faults)) == ("100", ["n"])
    state = logic.evaluate({"n": "20000", "m": "1", "amount[2]": "5"})
    assert (state.values["p"], list(state.faults)) == ("100", ["n"])
    assert "more than 100 times" in state.faults["n"].message["en"]
    after = logic.evaluate({"n": "20", "m": "40", "amount[2]": "5"}, ["n", "m"], state)
    assert sum(int(after.values[f"q[{i}]"]) for i in range(1, 21)) == 1_000
    assert (sorted(after.faults), after.values["amount[2]"]) == (["m"], "5")
    assert not logic.evaluate({"n": "20", "m": "25"}).faults


def test_an_answer_that_no_expression_can_read_stands_beside_its_fault(tmp_path, caplog):
    rows = """| text | a | A |
| text | t | T | | | regex(., ${a}) |
| text | c | C | regex('x', ${a}) | substring-after(${t}, '') |
| text | d | D | | concat(substring-before(${t}, ''), format-date(${a}, '%Y')) |"""
    logic = Logic(compile(form(tmp_path, rows)))
    state = logic.evaluate({"a": "(", "t": "y"})
    assert (state.values, list(state.faults)) == ({"a": "(", "t": "y", "c": "y", "d": ""}, ["t"])
    state = logic.evaluate({"a": "9999-12-31T23:59:59.9999999-14:00"})
    assert (state.values["d"], caplog.records) == ("", [])


def test_a_regular_expression_runs_in_linear_time(tmp_path):
    logic = Logic(compile(form(tmp_path, "| text | a | A | | | regex(., '^(a+)+$') |")))
    started = time.process_time()
    assert logic.evaluate({"a": "a" * 30_000 + "b"}).faults["a"].kind == "constraint"
    assert time.process_time() - started < 2


PAYLOADS = [
    "<script>alert(1)</script>", "=HYPERLINK(0)", "{{7*7}}", "${", "]]>", "&amp;&x;", "%s{0}",
    "\u202eabc", "a\x00b", "../../x", "'; drop table x; --",
]  # fmt: skip
COLUMNS = (
    (
        "type name label::English (en) hint::English (en) relevant constraint "
        "constraint_message::English (en) required calculation default appearance parameters "
        "choice_filter repeat_count barograph::owner"
    )
    .replace("::English (en)", "::English_(en)")
    .split()
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_any_column_ends_in_words(tmp_path, payload):
    """Either it compiles and stands there as text, or the message names row and column."""
    faults: list[str] = []
    for i, heading in enumerate(COLUMNS):
        cells = {"type": "text", "name": "a", "label::English_(en)": "A"} | {heading: payload}
        rows = [
            " | ".join(h.replace("_(en)", " (en)") for h in COLUMNS),
            " | ".join(cells.get(h, "") for h in COLUMNS),
        ]
        survey = "\n".join(f"| {row} |" for row in rows)
        try:
            instrument, findings = examine(as_csv(tmp_path / f"f{i}", survey=survey))
        except BadInput as error:
            faults.append(str(error))
            continue
        if instrument is None:
            assert any(f.level == "error" for f in findings)
        elif payload == PAYLOADS[0]:
            assert payload not in instrument.xform
    assert all("survey.csv" in fault for fault in faults)
