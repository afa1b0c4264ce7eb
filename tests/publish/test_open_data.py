"""The open data: what they hold, of whom, and that they are the same at every run."""

import csv
import io
import json
import re
import shutil
from collections import Counter
from datetime import date

import numpy as np
import pytest
from openpyxl import load_workbook

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.estimate.coarse import Coarse
from barograph.estimate.disclosure import Decision, Suppression
from barograph.publish import open_data
from barograph.publish.data.anonymity import LEAST, coarsen, smallest
from barograph.publish.data.tables import Field, Table, csv_bytes
from barograph.publish.data.workbook import xlsx_bytes
from barograph.publish.reproduction import reproduce
from barograph.starter import create

from .conftest import TABLES, built, with_terms

COLUMNS = (
    "estimate_id,wave,frame_version,indicator,category,domain,"
    "estimate,se,ci_low,ci_high,n,base,flag,suppressed,method_id"
)


def records(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def estimates_of(wave):
    return {n: wave.estimates(i) for n, i in wave.barometer.indicators.items()}


def copied(wave, tmp_path, **terms):
    return with_terms(shutil.copytree(wave.barometer.folder, tmp_path / "copy"), **terms)


def test_twice_gives_the_same_bytes_wherever_the_folder_stands(open_wave, published, tmp_path):
    folder = shutil.copytree(open_wave.barometer.folder, tmp_path / "elsewhere")
    assert built(Barometer.open(folder).wave("2017")).files == published.files


def test_every_file_is_of_the_day_the_wave_closed(published):
    from pyreadstat import read_sav

    core = load_workbook(io.BytesIO(published.files["data/estimates.xlsx"])).properties
    assert core.created.date() == core.modified.date() == date(2016, 10, 31)
    sav = published.files["data/answers.nl.sav"]
    assert read_sav(io.BytesIO(sav))[1].creation_time.date() == date(2016, 10, 31)


def test_the_columns_of_an_estimate_do_not_change(published):
    assert published.files["data/estimates.csv"].decode().splitlines()[0] == COLUMNS


def test_the_workbook_shows_the_numbers_of_the_csv_files(published):
    book = load_workbook(io.BytesIO(published.files["data/estimates.xlsx"]))
    for name in ("estimates", "indicators", "categories", "domains", "reproduction"):
        head, *rows = book[name].iter_rows(values_only=True)
        expected = records(published.files[f"data/{name}.csv"])
        assert len(rows) == len(expected)
        for row, record in zip(rows, expected, strict=True):
            for column, cell in zip(head, row, strict=True):
                text = record[column]
                same = float(text) == cell if isinstance(cell, float) else text == str(cell or text)
                assert same, (name, column, cell, text)


def test_a_text_never_becomes_a_formula():
    texts = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", "-5", "+3.5e2", "a=b", ""]
    table = Table("t", "T", (Field("text", "string", "Text"),), [[text] for text in texts])
    found = [row["text"] for row in records(csv_bytes(table))]
    assert found == ["'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "'\tx", "'\nx", *texts[6:]]
    content = xlsx_bytes([table], ["=A1"], "title", "us", date(2017, 1, 1))
    sheets = load_workbook(io.BytesIO(content))
    cells = [c for sheet in sheets for row in sheet.iter_rows() for c in row if c.value]
    assert "=1+1" in [c.value for c in cells]
    assert {c.data_type for c in cells} == {"s"}


def suppression(wave, **status):
    """All figures published but for those named."""
    ids = [e.estimate_id for table in estimates_of(wave).values() for e in table]
    return Suppression({i: Decision(i, **status.get(i, {})) for i in ids})


def test_a_withheld_figure_stands_nowhere(open_wave):
    name = "2017.relevance.p_relevance.share.region=brussels"
    other = "2017.relevance.p_relevance.share.region=flanders"
    coarse = "2017.relevance.p_relevance.share.region=wallonia"
    decided = suppression(
        open_wave,
        **{
            name: {"status": "primary", "cause": "base"},
            other: {"status": "secondary", "cause": "secondary"},
            coarse: {"status": "coarse", "coarse": Coarse(0.01, 0.62, 0.48, 0.74)},
        },
    )
    files = open_data.build(open_wave, estimates_of(open_wave), reproduce(open_wave), decided).files
    rows = {r["estimate_id"]: r for r in records(files["data/estimates.csv"])}
    for hidden in (name, other):
        assert rows[hidden]["suppressed"] == "1"
        assert {rows[hidden][c] for c in ("estimate", "se", "ci_low", "ci_high", "n")} == {""}
    row = rows[coarse]
    columns = ("suppressed", "estimate", "se", "ci_low", "ci_high", "n")
    assert [row[c] for c in columns] == ["0", "0.62", "", "0.48", "0.74", ""]
    assert sum(r["suppressed"] == "1" for r in rows.values()) == 2
    earlier = {r["id"]: r for r in records(files["data/reproduction.csv"])}
    assert not any(earlier["R4"][c] for c in ("as_published", "estimate", "low", "high", "n"))
    dataset = json.loads(files["data/estimates.en.json"])
    status = Counter(dataset["status"].values())
    assert status["Q"] == 5 + 5 + 2
    assert Counter(dataset["extension"]["confidential"].values()) == {"C": 5, "D": 7}
    assert not dataset["value"].keys() & dataset["extension"]["confidential"].keys()


def test_the_cube_is_the_table(published):
    rows = {r["estimate_id"]: r for r in records(published.files["data/estimates.csv"])}
    for lang in ("nl", "fr", "de", "en"):
        dataset = json.loads(published.files[f"data/estimates.{lang}.json"])
        items, domains, waves, measures = (
            dataset["dimension"][d]["category"]["index"] for d in dataset["id"]
        )
        assert waves == ["2017"]
        found = {}
        for position, value in dataset["value"].items():
            rest, measure = divmod(int(position), len(measures))
            item, domain = divmod(rest, len(domains))
            found[items[item], domains[domain], measures[measure]] = value
        expected = {
            (f"{r['indicator']}.{r['category']}", r["domain"], m): float(r[m])
            for r in rows.values()
            for m in measures
        }
        assert found == expected


def test_nothing_is_told_that_few_share():
    """Brussels is not split by size; Flemish rural ones are too few in the population to be."""
    population = (
        [("flanders", "urban", size) for size in "sml" for _ in range(60)]
        + [("flanders", "rural", size) for size in "sm" for _ in range(9)]
        + [("brussels", "urban", size) for size in "ml" for _ in range(9)]
        + [("wallonia", "rural", size) for size in "sm" for _ in range(50)]
        + [("wallonia", "urban", "l")] * 40
    )
    answered = (
        [("flanders", "urban", size) for size in "sml" for _ in range(6)]
        + [("flanders", "rural", size) for size in "sm" for _ in range(5)]
        + [("brussels", "urban", size) for size in "ml" for _ in range(8)]
        + [("wallonia", "rural", "s")] * 20
        + [("wallonia", "rural", "m")] * 4
        + [("wallonia", "urban", "l")] * 5
    )
    told = Counter(coarsen(answered, population))
    assert told == {
        ("flanders", "urban", "s"): 6,
        ("flanders", "urban", "m"): 6,
        ("flanders", "urban", "l"): 6,
        ("flanders", "rural", ""): 10,
        ("brussels", "urban", ""): 16,
        ("wallonia", "rural", ""): 24,
        ("wallonia", "urban", "l"): 5,
    }
    alone = coarsen([*answered, ("comines", "urban", "m")], population)
    assert set(alone) == {("", "", "")}


@pytest.mark.parametrize("seed", range(20))
def test_every_combination_told_is_shared_by_enough(seed):
    random = np.random.default_rng(seed)
    population = [tuple(map(str, row)) for row in random.integers(0, 3, (300, 3))]
    answered = [population[i] for i in random.choice(300, random.integers(5, 120), replace=False)]
    told = coarsen(answered, population)
    assert smallest(told) >= LEAST
    for key, true in zip(told, answered, strict=True):
        assert all(t in ("", v) for t, v in zip(key, true, strict=True))


def test_the_single_answers_name_nobody(open_wave, published):
    from pyreadstat import read_sav

    frame = read_sav(io.BytesIO(published.files["data/answers.en.sav"]), user_missing=True)[0]
    assert len(frame) == 113
    assert not {"nis", "s_manager_dept", "synthetic"} & set(frame)
    assert Counter(zip(frame.region, frame.rurality, strict=True)).most_common()[-1][1] >= LEAST
    assert frame.groupby(["region", "rurality"]).weight.nunique().max() == 1
    total = len(open_wave.frame)
    assert frame.weight.sum() == pytest.approx(total, rel=1e-5)
    rows = list(frame.itertuples(index=False, name=None))
    assert rows == sorted(rows)
    assert "nobody gave these answers" in published.files["data/README.md"].decode()


def test_the_kinds_of_missing_are_kept_apart(open_wave, published):
    from pyreadstat import read_sav

    responses = open_wave.responses
    for lang, words in (("nl", "Niet van toepassing"), ("de", "Trifft nicht zu")):
        content = io.BytesIO(published.files[f"data/answers.{lang}.sav"])
        frame, meta = read_sav(content, user_missing=True)
        labels = meta.variable_value_labels["s_plan_intent"]
        assert labels[-2] == words
        assert len({labels[v] for v in (-2, -3)}) == 2
        assert meta.missing_ranges["s_plan_intent"] == [{"lo": -3.0, "hi": -1.0}]
        for name in ("p_relevance", "s_plan_intent", "a_inv_mayor"):
            given, asked = responses.answers[name], responses.was_asked[name]
            found = Counter(frame[name][frame[name] < 0])
            expected = {-1: sum(given == "dk"), -2: sum(~asked), -3: sum((given == "") & asked)}
            assert found == {k: n for k, n in expected.items() if n}


def test_several_choices_and_rankings_become_columns(open_wave, published):
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(published.files["data/answers.parquet"]))
    given = open_wave.responses.answers
    budget = sum("budget" in a.split() for a in given["b_top3"])
    assert table["b_top3_budget"].to_pylist().count(1) == budget
    first = sum(a.split()[0] == "environment" for a in given["d_priority"])
    assert table["d_priority_environment"].to_pylist().count(1) == first
    about = json.loads(table.schema.field("s_form").metadata[b"barograph"])
    codes = {v["value"]: v["code"] for v in about["values"]}
    wanted = Counter(a for a in given["s_form"])
    assert Counter(codes[v] for v in table["s_form"].to_pylist()) == wanted
    assert set(about["label"]) == {"nl", "fr", "de", "en"}


def consenting(folder, numbers):
    """The wave asked for consent, and these rows gave it."""
    path = folder / "2017" / "responses.csv"
    head, *rows = path.read_text().splitlines()
    answers = ["full" if i in numbers else "no" for i in range(len(rows))]
    lines = [f"{r},{a}" for r, a in zip(rows, answers, strict=True)]
    path.write_text("\n".join([f"{head},r_publish", *lines]) + "\n")


def test_only_those_who_agreed_are_shown(wave, tmp_path):
    import pyarrow.parquet as pq

    barometer = copied(wave, tmp_path)
    consenting(barometer.folder, range(0, 113, 3))
    files = built(Barometer.open(barometer.folder).wave("2017")).files
    table = pq.read_table(io.BytesIO(files["data/answers.parquet"]))
    assert table.num_rows == 38
    assert "r_publish" not in table.column_names
    assert "answered full to `r_publish`" in files["data/README.md"].decode()
    keys = zip(table["region"].to_pylist(), table["rurality"].to_pylist(), strict=True)
    combinations = Counter(keys)
    assert min(combinations.values()) >= LEAST


@pytest.mark.parametrize("why", ["no rules", "few agreed", "real answers, not asked"])
def test_without_consent_no_single_answer_is_shown(why, wave, tmp_path):
    tables = TABLES.split("[microdata]")[0] if why == "no rules" else TABLES
    barometer = copied(wave, tmp_path, tables=tables)
    if why == "few agreed":
        consenting(barometer.folder, range(4))
    if why == "real answers, not asked":
        for path, old in (("wave.toml", "[synthetic]"), ("responses.csv", ",synthetic")):
            text = (barometer.folder / "2017" / path).read_text()
            head, _, tail = text.partition(old)
            if path == "responses.csv":
                tail = "\n".join(line.rsplit(",", 1)[0] for line in tail.split("\n"))
            (barometer.folder / "2017" / path).write_text(head + (tail if old[0] == "," else ""))
    files = built(Barometer.open(barometer.folder).wave("2017")).files
    assert not [name for name in files if "answers" in name]
    assert "None are published" in files["data/README.md"].decode()
    assert b"<fileDscr" not in files["data/codebook.xml"]


def test_a_barometer_without_terms_is_described_all_the_same(tmp_path):
    create(tmp_path / "new")
    files = built(Barometer.open(tmp_path / "new").wave("2026")).files
    entry = json.loads(files["data/catalogue.jsonld"])
    assert entry["dct:publisher"]["foaf:name"][0]["@value"] == "My barometer"
    assert "data/reproduction.csv" not in files
    assert "licenses" not in json.loads(files["data/datapackage.json"])


def test_package_catalogue_page_and_manifest_name_the_same_files(edition):
    """Each of the three leaves out what describes the data rather than holds them."""
    data = edition / "data"
    files = {f"data/{path.name}" for path in data.iterdir()}
    outputs = json.loads((edition / "manifest.json").read_text())["outputs"]
    assert {name for name in outputs if name.startswith("data/")} == files
    package = json.loads((data / "datapackage.json").read_text())
    resources = {f"data/{r['path']}" for r in package["resources"]}
    apart = {f"data/{name}" for name in ("README.md", "catalogue.jsonld", "datapackage.json")}
    assert resources == files - apart
    entry = json.loads((data / "catalogue.jsonld").read_text())
    named = {
        f"data/{x['@id'].removeprefix('#')}"
        for dataset in entry["dcat:dataset"]
        for x in dataset["dcat:distribution"] + dataset["foaf:page"]
    }
    assert named == files - {"data/catalogue.jsonld"}
    pages = [(edition / lang / "data.html").read_text() for lang in ("nl", "fr", "de", "en")]
    shown = {n for page in pages for n in re.findall(r'href="\.\./([^"]+)" download', page)}
    assert shown == files | {"claims.json", "manifest.json"}
    assert "estimates.nl.json" not in pages[1]


def test_the_page_carries_the_same_entry(published, open_wave, tmp_path):
    entry = published.schema_org("fr")
    figures, answers = entry["@graph"]
    assert (
        figures["name"] == "Baromètre des communes intelligentes 2017\N{NO-BREAK SPACE}: chiffres"
    )
    assert figures["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert open_wave.synthetic["fr"] in figures["description"]
    urls = [d["contentUrl"] for d in figures["distribution"] + answers["distribution"]]
    assert "../data/estimates.fr.json" in urls
    assert "../data/estimates.nl.json" not in urls
    assert {u.removeprefix("../") for u in urls} <= published.files.keys()
    based = copied(open_wave, tmp_path, top='base_url = "https://b.example/editions/"')
    moved = built(based.wave("2017")).schema_org("fr")
    first = moved["@graph"][0]["distribution"][0]["contentUrl"]
    assert first == "https://b.example/editions/2017/data/estimates.csv"


@pytest.mark.parametrize(
    ("top", "tables", "message"),
    [
        ('licence = "free"', "", "unknown licence 'free'"),
        ('base_url = "here"', "", "no web address"),
        ("licence = 4", "", "licence is no text"),
        ("", '[operator]\nname = "A"\nphone = "1"', "'phone' is no setting"),
        ("", '[operator]\nurl = "https://a.example"', "'name' is missing"),
        ("", '[microdata]\nconsent = "r_publish"\ncodes = ["yes"]', "no code 'yes'"),
        ("", '[microdata]\nconsent = "r_pub"\ncodes = ["full"]', "no question is called 'r_pub'"),
        (
            "",
            f'{TABLES}\nwithhold = ["x"]'.replace('withhold = ["s', '#"'),
            "no question or section",
        ),
    ],
)
def test_terms_that_cannot_be_are_told(top, tables, message, wave, tmp_path):
    barometer = copied(wave, tmp_path, top=top, tables=tables)
    with pytest.raises(BadInput, match=message):
        open_data.build(barometer.wave("2017"), {}, ())
