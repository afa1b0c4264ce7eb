"""Each format of the open data before somebody else's validator, and seeded faults it must catch.

Sources and licences of the rules: validators/README.md.
"""

import csv
import io
import json
import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

RULES = Path(__file__).with_name("validators")
BASE = "https://example.org/2017/data/catalogue.jsonld"
# Elements of DDI Codebook 2.5 that we use. The schema at hand is that of 2.6, which has more.
DDI_2_5 = set(
    "AuthEnty IDNo abstract anlyInfo anlyUnit caseQnty catValu catgry citation codeBook collDate "
    "conditions contact dataAccs dataColl dataDscr dataKind dimensns disclaimer distStmt distrbtr "
    "docDscr fileDscr fileName fileTxt fileType invalrng item labl method notes parTitl preQTxt "
    "prodDate prodStmt producer qstn qstnLit respRate rspStmt sampProc serName serStmt software "
    "stdyDscr stdyInfo sumDscr titl titlStmt txt universe useStmt var varFormat varGrp varQnty "
    "verStmt version weight".split()
)


def data_package(folder):
    """Faults that frictionless finds in the data package."""
    from frictionless import Package, system

    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    return [f"{kind}: {note}" for kind, note in report.flatten(["type", "message"])]


@pytest.fixture(scope="module")
def shapes():
    from rdflib import Graph

    return Graph().parse(RULES / "dcat-ap-3.0.0-shacl.jsonld", format="json-ld")


def dcat_ap(folder, shapes):
    """Faults that SHACL finds in the catalogue entry."""
    from pyshacl import validate
    from rdflib import Graph

    entry = Graph().parse(folder / "catalogue.jsonld", format="json-ld", publicID=BASE)
    conforms, _, text = validate(entry, shacl_graph=shapes, inference="none")
    return [] if conforms else re.findall(r"Result Path: (\S+)", text)


@cache
def schema():
    from xmlschema import XMLSchema

    return XMLSchema(RULES / "ddi-codebook-2.6.xsd")


def ddi(folder):
    """Faults that XML Schema finds in the codebook, and elements that version 2.5 has not."""
    text = (folder / "codebook.xml").read_text()
    later = text.replace("ddi:codebook:2_5", "ddi:codebook:2_6", 1)
    root = ElementTree.fromstring(later.replace('version="2.5"', 'version="2.6"', 1))
    used = {e.tag.rpartition("}")[2] for e in root.iter()}
    return [str(e.reason) for e in schema().iter_errors(root)] + sorted(used - DDI_2_5)


def json_stat(folder):
    """Faults that the JSON-stat validator of the FAO finds in the cubes."""
    from jsonstat_validator import validate_jsonstat
    from jsonstat_validator.utils import JSONStatValidationError

    faults = []
    for path in sorted(folder.glob("estimates.*.json")):
        try:
            validate_jsonstat(json.loads(path.read_text()))
        except JSONStatValidationError as error:
            faults.append(str(error))
    return faults


def spss(folder):
    """Faults in the SPSS files as ReadStat reads them, against the codebook as XML tells it."""
    from pyreadstat import ReadstatError, read_sav

    names = {"d": "ddi:codebook:2_5"}
    variables = ElementTree.parse(folder / "codebook.xml").findall(".//d:var[@files]", names)
    codes = {
        v.get("name"): {float(c.text) for c in v.findall("d:catgry/d:catValu", names)}
        for v in variables
    }
    faults = []
    for path in sorted(folder.glob("*.sav")):
        try:
            frame, meta = read_sav(path, user_missing=True)
        except ReadstatError as error:
            faults.append(f"{path.name}: {error}")
            continue
        for name in codes.keys() ^ set(frame):
            faults.append(f"{name} is in one of file and codebook")
        for name in codes.keys() & set(frame):
            labels = meta.variable_value_labels.get(name, {})
            told = [meta.column_names_to_labels[name], *labels.values()]
            if labels.keys() != codes[name] or not all(map(str.strip, told)):
                faults.append(f"{name}: label is missing")
            if codes[name] and not set(frame[name]) <= codes[name]:
                faults.append(f"{name}: unknown code")
    return faults


VALIDATORS = {
    "data package": lambda folder, _: data_package(folder),
    "DCAT-AP": dcat_ap,
    "DDI": lambda folder, _: ddi(folder),
    "JSON-stat": lambda folder, _: json_stat(folder),
    "SPSS": lambda folder, _: spss(folder),
}


@pytest.mark.parametrize("name", VALIDATORS)
def test_the_validator_finds_nothing(name, folder, shapes):
    assert VALIDATORS[name](folder, shapes) == []


def test_the_entry_names_every_file_by_its_address(folder, published):
    from rdflib import RDF, Graph, Namespace

    dcat = Namespace("http://www.w3.org/ns/dcat#")
    entry = Graph().parse(folder / "catalogue.jsonld", format="json-ld", publicID=BASE)
    files = {str(url) for url in entry.objects(None, dcat.accessURL)}
    described = {f"{BASE.rsplit('/', 1)[0]}/{p.name}" for p in folder.iterdir()}
    assert files < described
    assert len(list(entry.subjects(RDF.type, dcat.Dataset))) == 2
    package = json.loads((folder / "datapackage.json").read_text())
    figures = published.schema_org("en")["@graph"][0]
    assert package["title"] in {str(t) for t in entry.objects(None, None)}
    assert figures["name"] in {str(t) for t in entry.objects(None, None)}


def test_others_read_the_same_numbers(folder):
    import pyarrow.parquet as pq
    from pyjstat import pyjstat
    from pyreadstat import read_sav

    table = pq.read_table(folder / "answers.parquet")
    for lang in ("nl", "fr", "de", "en"):
        frame = read_sav(folder / f"answers.{lang}.sav", user_missing=True)[0]
        assert {name: list(frame[name]) for name in frame} == table.to_pydict()
    cube = pyjstat.Dataset.read((folder / "estimates.en.json").read_text())
    values = cube.write("dataframe")["value"].dropna()
    with (folder / "estimates.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells = ("estimate", "se", "ci_low", "ci_high", "n", "base")
    assert sorted(values) == sorted(float(r[c]) for r in rows for c in cells)


def cell(table, column, value, row=0):
    """Damage: one cell of a CSV file."""

    def damage(folder):
        path = folder / f"{table}.csv"
        head, *rows = csv.reader(io.StringIO(path.read_text(), newline=""))
        rows[row][head.index(column)] = value(rows) if callable(value) else value
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows])

    return damage


def swapped(folder):
    path = folder / "estimates.csv"
    head, rest = path.read_text().split("\n", 1)
    path.write_text(head.replace("estimate,se", "se,estimate") + "\n" + rest)


def entry(change):
    """Damage: the catalogue entry."""

    def damage(folder):
        path = folder / "catalogue.jsonld"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return damage


def first_file(content):
    return content["dcat:dataset"][0]["dcat:distribution"][0]


def text(name, pattern, replacement):
    """Damage: the first match of a pattern in a text file."""

    def damage(folder):
        path = folder / name
        old = path.read_text()
        new = re.sub(pattern, replacement, old, count=1)
        assert new != old
        path.write_text(new)

    return damage


def cube(change):
    """Damage: the English cube."""

    def damage(folder):
        path = folder / "estimates.en.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return damage


def last_answer(folder):
    """The region of the last row of the French file becomes 7, which stands for nothing."""
    import struct

    path, columns = folder / "answers.fr.sav", 65
    content = bytearray(path.read_bytes())
    content[-8 * columns : -8 * columns + 8] = struct.pack("<d", 7)
    path.write_bytes(content)


def unnamed(folder):
    """Wallonia loses its label in Dutch."""
    path, label = folder / "answers.nl.sav", "Wallonië".encode()
    content = path.read_bytes()
    assert content.count(label) == 1
    path.write_bytes(content.replace(label, b" " * len(label)))


def shortened(folder):
    path = folder / "answers.de.sav"
    path.write_bytes(path.read_bytes()[:-100])


FAULTS = {
    "value out of range": ("data package", cell("estimates", "n", "-5"), "constraint-error"),
    "wrong type": ("data package", cell("estimates", "se", "small"), "type-error"),
    "dangling foreign key": (
        "data package",
        cell("estimates", "indicator", "nobody"),
        "foreign-key",
    ),
    "doubled id": (
        "data package",
        cell("estimates", "estimate_id", lambda rows: rows[1][0]),
        "primary-key|unique",
    ),
    "wrong order of columns": ("data package", swapped, "incorrect-label"),
    "missing label in a table": (
        "data package",
        cell("categories", "label_fr", ""),
        "constraint-error",
    ),
    "altered after description": (
        "data package",
        cell("domains", "label_nl", "Iedereen"),
        "hash-count",
    ),
    "missing description": (
        "DCAT-AP",
        entry(lambda c: c["dcat:dataset"][0].pop("dct:description")),
        "dcterms:description|dc:description|terms/description",
    ),
    "missing accessURL": (
        "DCAT-AP",
        entry(lambda c: first_file(c).pop("dcat:accessURL")),
        "accessURL",
    ),
    "broken media type": (
        "DCAT-AP",
        entry(lambda c: first_file(c).update({"dcat:mediaType": "text/csv"})),
        "mediaType",
    ),
    "size that is no number": (
        "DCAT-AP",
        entry(lambda c: first_file(c).update({"dcat:byteSize": "large"})),
        "byteSize",
    ),
    "publisher without a name": (
        "DCAT-AP",
        entry(
            lambda c: [node["dct:publisher"].pop("foaf:name") for node in (c, *c["dcat:dataset"])]
        ),
        "name",
    ),
    "elements out of order": (
        "DDI",
        text("codebook.xml", r"(<catValu>.*?</catValu>)\s*(<labl.*?</labl>)", r"\2\1"),
        "Unexpected child",
    ),
    "variable without a name": (
        "DDI",
        text("codebook.xml", r' name="p_relevance"', ""),
        "required attribute 'name'",
    ),
    "reference to no file": ("DDI", text("codebook.xml", r'files="F1', 'files="F9'), "F9"),
    "element of a later version": (
        "DDI",
        text("codebook.xml", r"(<dataAccs>)", r"\1<license>free</license>"),
        "license",
    ),
    "size that is not that of the dimension": (
        "JSON-stat",
        cube(lambda c: c["size"].__setitem__(0, 3)),
        "size",
    ),
    "category without a label": (
        "JSON-stat",
        cube(lambda c: c["dimension"]["domain"]["category"]["label"].update({"nobody": "Nobody"})),
        "category|label|index",
    ),
    "unknown code": ("SPSS", last_answer, "region: unknown code"),
    "file cut short": ("SPSS", shortened, "answers.de.sav"),
    "label missing in one language": (
        "SPSS",
        unnamed,
        "label",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_caught(fault, folder, shapes):
    name, damage, sign = FAULTS[fault]
    damage(folder)
    found = VALIDATORS[name](folder, shapes)
    assert [f for f in found if re.search(sign, f)], found
