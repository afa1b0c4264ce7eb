"""ODK's own engine agrees on relevance, verdicts, calculated values and choices.

Two forms hold every construct of the profile; answers are drawn at random, with a fixed seed.
"""

import random
from datetime import UTC, datetime

import pytest
from questionnaires import as_csv, ask_odk, differences

from barograph.instrument import Logic, compile
from barograph.instrument.expression.functions import ARITIES
from barograph.instrument.graph import FIELDS
from barograph.instrument.profile import TYPES

CASES = 40
CHOICES = """
| list_name | name | label::English (en) | region | rank |
| yn | yes | Yes | | 1 |
| yn | no | No | | 2 |
| yn | dk | Don't know | | 3 |
| place | p1 | P 1 | yes | |
| place | p2 | P 2 | yes | |
| place | p3 | P 3 | no | |
"""
FLAT = """
| type | name | label::English (en) | relevant | constraint | required | calculation | default | choice_filter | appearance | parameters |
| hidden | uid |
| integer | a | A | | . > 3 and . != 7 | yes |
| decimal | b | B | ${a} > 3 | . <= ${a} or ${a} = 5 | ${a} = 4 |
| text | c | C | ${b} < 2.5 | regex(., '^[a-z]+$') |
| date | d | D | | . <= today() and . >= date('2000-01-01') |
| select_one yn | e | E | selected-at(${f}, 0) != 'dk' |
| select_multiple yn | f | F | | count-selected(.) <= 2 and not(selected(., 'dk') and count-selected(.) > 1) |
| rank yn | g | G |
| range | ra | R | | . != 4 | | | | | | start=0 end=10 step=2 |
| select_one place | pl | P | | | | | | region = ${e} or ${e} = '' |
| file | fi | F | ${a} = 12 |
| note | nn | N ${a} | ${d} < '2020-01-01' |
| begin_group | gg | G | ${e} != 'dk' | | | | | | field-list |
| integer | ga | GA | | . < 10 | true() |
| begin_group | gh | G | ${ga} > 2 |
| text | gb | GB |
| end_group |
| end_group |
| begin_group | tl | Table | ${a} != 5 | | | | | | table-list |
| select_one yn | t1 | T1 | | | yes |
| select_one yn | t2 | T2 | ${t1} = 'yes' |
| end_group |
| begin_group | ll | Labels | | | | | | | field-list |
| select_one yn | l0 | L0 | | | | | | | label |
| select_one yn | l1 | L1 | | | ${t1} = 'no' | | | | list-nolabel |
| select_one yn | l2 | L2 | | | | | | | list-nolabel |
| end_group |
"""
CALCULATIONS = """
concat('[', ${gb}, ']')
${a} + ${b}
${a} - ${b} * 2 - 1
(${a} - ${b}) * -2
${a} div ${b}
${a} div 0
-7 mod 3 + ${a} mod 2
if(selected(${f}, 'yes'), 'Y', concat(${c}, '-', ${e}))
if(${a} > 4, 3, 'x')
round(${b} * 1.005, 2)
round(-2.5) + round(2.5) + round(1234.567, -2)
floor(${b}) + ceiling(${b}) + int(-1.5) + int(${b})
abs(${a}) + pow(${a}, 2) + sqrt(${b})
exp(0) + log(1) + log10(100) + exp10(2) + pi() > 100
format-date(${d}, '%d/%m/%Y %b %a %e %n %y')
format-date(date('2020-2-8'), '%e %n %y')
format-date-time('2020-01-02T03:04:05', '%H:%M %S %h')
decimal-date-time(${d})
date(${d}) + 10
date(decimal-date-time('2024-02-28') + 1)
date-time('2020-02-28')
'2020-01-01' < today()
now() > today() - 1
${d} > '2010-01-01' and ${d} != '2019-05-07'
coalesce(${c}, ${e})
jr:choice-name(${e}, '${e}')
substr(${c}, 1, 3)
concat(substr(${c}, -2), substring(${c}, 2, 2), substring(${c}, 2))
substring-before(${c}, 'l')
substring-after(${c}, 'l')
translate(${c}, 'abc', 'xy')
normalize-space(concat(' a ', ${c}, '  b '))
string-length(${c}) mod 3
starts-with(${c}, 'a') and contains('abcdef', ${c})
ends-with(${c}, 'o')
contains(${c}, '')
count-selected(${f}) * 2 - 1
selected-at(${f}, 1)
selected(${f}, ${e})
max(${a}, ${b})
min(${a}, 3, ${b})
${a} = ${b} or ${c} = ''
${a} != ${c}
${a} = 4 or ${e} = true()
not(${c} = '') or boolean(${a})
boolean-from-string(${c})
string(1 = 1)
number('0.1') + 0.2
number(${d})
true() and not(false())
0.00001 * ${a}
1000000 * 1000000 * ${a}
regex(${c}, 'l+')
checklist(1, 2, ${a} > 4, ${e} = 'yes', ${c} = 'abc')
weighted-checklist(2, 3, ${a} > 4, 2, ${e} = 'yes', 1)
once(${a})
pulldata('towns', 'size', 'code', ${c})
instance('towns')/root/item[code = ${c}]/size
count(instance('towns')/root/item[size > 5 and position() < last()])
instance('yn')/root/item[name = ${e}]/rank
join(', ', ${c}, ${e})
count-non-empty(${a})
"""
REPEATS = """
| type | name | label::English (en) | relevant | constraint | required | calculation | default | choice_filter | repeat_count |
| integer | n | N |
| select_one yn | yn | YN |
| begin_repeat | rep | Rep | ${yn} != 'no' |
| text | name | Name | | | yes |
| integer | amount | Amount | ${name} != '' | . >= 0 |
| decimal | share | Share | ../amount > 2 | . <= ${amount} | ${n} = 2 |
| calculate | pos | | | | | position(..) |
| calculate | sofar | | | | | sum(${amount}) |
| calculate | first | | | | | indexed-repeat(${name}, ${rep}, 1) |
| calculate | prev | | | | | indexed-repeat(${name}, ${rep}, position(..) - 1) |
| begin_repeat | kid | Kid |
| text | kname | Kid name |
| integer | age | Age | ${amount} > 1 | . < ${amount} |
| calculate | kpos | | | | | concat(position(..), '/', position(../..)) |
| calculate | kidx | | | | | indexed-repeat(${kname}, ${rep}, 1, ${kid}, 2) |
| end_repeat |
| calculate | kids | | | | | count(${kid}) |
| calculate | ages | | | | | join(',', ${age}) |
| calculate | nage | | | | | count-non-empty(${age}) |
| end_repeat |
| calculate | total | | | | | sum(${amount}) |
| calculate | reps | | | | | count(${rep}) |
| calculate | later | | | | | count(${rep}[position() > 1]) |
| calculate | top | | | | | max(${amount}) |
| calculate | least | | | | | min(${amount}, 4) |
| calculate | names | | | | | join(' ', ${name}) |
| calculate | anyx | | | | | ${name} = 'x' |
| calculate | notx | | | | | ${name} != 'x' |
| calculate | much | | | | | sum(${amount}) > 3 |
| calculate | allk | | | | | count(${kid}) |
| calculate | knames | | | | | count-non-empty(${kname}) |
| begin_repeat | fix | Fix | | | | | | | ${n} |
| text | ft | Fix text |
| calculate | fp | | | | | position(..) * ${n} |
| end_repeat |
| calculate | fixes | | | | | count(${fix}) |
| text | tc | Code |
| select_one_from_file towns.csv | town | Town | | | | | | kind = ${tc} or ${tc} = '' |
| begin_repeat | r2 | R2 |
| select_one yn | z | Z |
| select_one place | pl | P | | | | | | region = ${z} |
| select_one place | pm | P | | | | | | region = current()/../z |
| calculate | other | | | | | count(${amount}) |
| end_repeat |
| calculate | zs | | | | | count-non-empty(${z}) |
| text | dflt | D | | | | | hello |
| text | dyn | D | | | | | concat('a', 1 + 1) |
"""
TOWNS = "name,label,kind,code,size\nt1,One,a,abc,4\nt2,Two,b,xyz1,10\nt3,Three,b,hello,6\n"


def compiled(folder, survey):
    as_csv(folder, survey=survey, choices=CHOICES)
    (folder / "towns.csv").write_text(TOWNS)
    return compile(folder, ["en"])


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    lines = [line for line in CALCULATIONS.split("\n") if line]
    rows = [f"| calculate | c{i} | | | | | {line} |" for i, line in enumerate(lines)]
    return compiled(tmp_path_factory.mktemp("flat"), FLAT + "\n".join(rows))


@pytest.fixture(scope="module")
def repeats(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("repeats"), REPEATS)


def flat_answers(draw):
    return {
        "uid": "u1",
        "a": draw(["", "3", "4", "5", "7", "12", "-2"]),
        "b": draw(["", "1", "2.5", "2.675", "4", "100", "0"]),
        "c": draw(["", "abc", "true", "xyz1", "hello", "Z", "é b"]),
        "d": draw(["", "2019-05-07", "1999-12-31", "2030-01-01", "2000-01-01"]),
        "e": draw(["", "yes", "no", "dk"]),
        "f": draw(["", "yes", "yes no", "dk yes", "yes no dk", "no"]),
        "g": draw(["", "yes no dk", "dk yes no"]),
        "ra": draw(["", "4", "6"]),
        "pl": draw(["", "p1", "p3"]),
        "ga": draw(["", "1", "3", "12"]),
        "gb": draw(["", "q"]),
        "t1": draw(["", "yes", "no"]),
        "t2": draw(["", "yes", "no"]),
        "l1": draw(["", "yes"]),
    }


def repeat_answers(draw):
    answers = {
        "n": draw(["0", "1", "2", "3"]),
        "yn": draw(["", "yes", "no"]),
        "tc": draw(["", "a", "b", "q"]),
        "town": draw(["", "t1", "t2"]),
        "rep": draw(["1", "2", "3"]),
        "r2": draw(["1", "2"]),
        "dflt": draw(["", "u"]),
        "dyn": "",
    }
    for i in range(1, int(answers["rep"]) + 1):
        answers |= {
            f"name[{i}]": draw(["", "x", "y"]),
            f"amount[{i}]": draw(["", "1", "5", "-1"]),
            f"share[{i}]": draw(["", "1", "9"]),
            f"kid[{i}]": draw(["1", "2", "3"]),
        }
        for j in range(1, int(answers[f"kid[{i}]"]) + 1):
            answers[f"kname[{i}][{j}]"] = draw(["", "k", "l"])
            answers[f"age[{i}][{j}]"] = draw(["", "1", "8"])
    for i in range(1, int(answers["r2"]) + 1):
        answers |= {f"{q}[{i}]": draw(["", "p1", "p3"]) for q in ("pl", "pm")}
        answers[f"z[{i}]"] = draw(["", "yes", "no"])
    answers["fix"] = answers["n"]
    for i in range(1, int(answers["n"]) + 1):
        answers[f"ft[{i}]"] = draw(["", "f"])
    return answers


def test_odk_agrees(flat, repeats):
    draw = random.Random(2018).choice
    cases = [
        (flat, [flat_answers(draw) for _ in range(CASES)]),
        (repeats, [None, *(repeat_answers(draw) for _ in range(CASES))]),
    ]
    now = datetime.now(UTC)
    odk = ask_odk((form, answers, {"towns": TOWNS}) for form, answers in cases)
    for (form, answers), nodes in zip(cases, odk, strict=True):
        logic = Logic(form)
        found = [
            f"{difference} given {given}"
            for given, node in zip(answers, nodes, strict=True)
            for difference in differences(logic, given, node, now)
        ]
        assert not found, "\n".join([f"{len(found)} differences", *found[:8]])


def test_every_construct_is_compared(flat, repeats):
    """A type, field or function that nobody compares with ODK would be a promise of ours alone."""
    questions = [*flat.questions.values(), *repeats.questions.values()]
    assert {q.type for q in questions} == set(TYPES.values()) | {
        "select_one", "select_multiple", "rank",
    }  # fmt: skip
    text = FLAT + CALCULATIONS + REPEATS
    assert [name for name in ARITIES if f"{name}(" not in text] == []
    assert all(field in text for field in FIELDS if field != "calculation")


def test_what_differs_by_intention(tmp_path):
    """docs/questionnaire.md tells of these; ODK's side stands here so that a change is noticed."""
    survey = """
| type | name | label::English (en) | calculation |
| text | t | T | |
| calculate | never | | date(${t}) |
| select_one yn | s | S | |
"""
    form = compiled(tmp_path / "form", survey)
    given = {"t": "soon", "s": "unknown"}
    node = ask_odk([(form, [given], {})])[0][0]
    state = Logic(form).evaluate(given)
    assert (state.values["never"], node["never"]["value"]) == ("", "Invalid Date")
    assert (state.values["s"], node["s"]["value"]) == ("unknown", "")
    assert state.faults["s"].kind == "choice"
