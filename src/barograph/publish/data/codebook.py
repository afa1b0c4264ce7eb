"""The codebook of a wave as DDI Codebook 2.5: study, files, every question collected.

Elements stand in the order that the schema asks for; texts in several languages are the same
element again with another xml:lang. Source: DDI Alliance, DDI Codebook 2.5 (2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Tree

from barograph import __version__
from barograph.barometer import Wave
from barograph.indicators import Labels
from barograph.instrument import Variable
from barograph.publish.data.answers import Category, Column
from barograph.publish.data.catalogue import Catalogue, Dataset
from barograph.publish.data.terms import LICENCES

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DOMAIN = {"one": "category", "multiple": "multiple", "number": "numeric", "text": "text"}


@dataclass(frozen=True)
class Study:
    """All that the codebook tells. `columns` are documented, those of `files` too if public.

    `left_out` are questions that stand in no public file; `not_public` says so in each language.
    """

    wave: Wave
    catalogue: Catalogue
    title: Labels
    method: str
    columns: Sequence[Column]
    left_out: Sequence[Variable]
    files: Dataset | None
    not_public: Labels
    rows: int = 0


def xml_bytes(study: Study) -> bytes:
    """The codebook as XML."""
    root = Tree.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5"})
    root.set("xmlns:xsi", XSI)
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    _document(_add(root, "docDscr"), study)
    _study(_add(root, "stdyDscr"), study)
    ids = _files(root, study)
    data = _add(root, "dataDscr")
    _groups(data, study)
    for column in study.columns:
        _column(data, study, column, ids)
    for variable in study.left_out:
        _left_out(data, study, variable)
    Tree.indent(root, " ")
    return bytes(Tree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _document(parent: Tree.Element, study: Study) -> None:
    citation = _add(parent, "citation")
    _titles(_add(citation, "titlStmt"), study.title)
    production = _add(citation, "prodStmt")
    _add(production, "producer", _producer(study))
    _add(production, "prodDate", study.wave.closed.isoformat(), date=study.wave.closed.isoformat())
    _add(production, "software", "Barograph", version=__version__)


def _study(parent: Tree.Element, study: Study) -> None:
    wave, operator = study.wave, study.catalogue.terms.operator
    citation = _add(parent, "citation")
    titles = {lang: f"{text} {wave.name}" for lang, text in wave.barometer.title.items()}
    _titles(statement := _add(citation, "titlStmt"), titles)
    _add(statement, "IDNo", study.catalogue.name)
    _add(_add(citation, "rspStmt"), "AuthEnty", _producer(study))
    _add(_add(citation, "prodStmt"), "producer", _producer(study))
    if operator:
        distribution = _add(citation, "distStmt")
        _add(distribution, "distrbtr", operator.name, URI=operator.url)
        _add(distribution, "contact", operator.name, URI=operator.url, email=operator.email)
    _each(_add(citation, "serStmt"), "serName", wave.barometer.title)
    _add(_add(citation, "verStmt"), "version", wave.name, date=wave.closed.isoformat())
    info = _add(parent, "stdyInfo")
    _each(info, "abstract", study.catalogue.datasets[0].description)
    _summary(_add(info, "sumDscr"), wave)
    _method(_add(parent, "method"), study)
    _use(_add(_add(parent, "dataAccs"), "useStmt"), study)


def _summary(parent: Tree.Element, wave: Wave) -> None:
    for event, day in (("start", wave.opened), ("end", wave.closed)):
        _add(parent, "collDate", day.isoformat(), date=day.isoformat(), event=event)
    _add(parent, "anlyUnit", "Municipality", **{LANG: "en"})
    _add(
        parent,
        "universe",
        f"{len(wave.frame)} units valid on {wave.frame.on} (frame {wave.frame.version})",
        **{LANG: "en"},
    )
    kind = "Synthetic data" if wave.synthetic else "Survey data"
    _add(parent, "dataKind", kind, **{LANG: "en"})


def _method(parent: Tree.Element, study: Study) -> None:
    collection = _add(parent, "dataColl")
    _add(collection, "sampProc", "All units of the universe are invited", **{LANG: "en"})
    margins = ", ".join(study.wave.weighting.margins)
    _add(collection, "weight", f"{study.method}; margins: {margins}", **{LANG: "en"})
    record = study.wave.sample.record
    rate = f"{record.respondents} of {record.population}"
    _add(_add(parent, "anlyInfo"), "respRate", rate)


def _use(parent: Tree.Element, study: Study) -> None:
    licence = study.catalogue.terms.licence
    if licence:
        _add(parent, "conditions", f"{licence}: {LICENCES[licence][0]}")
    if study.wave.synthetic:
        _each(parent, "disclaimer", study.wave.synthetic)


def _files(root: Tree.Element, study: Study) -> list[str]:
    """One fileDscr for each file of answers; their identifiers."""
    ids = []
    for number, file in enumerate(study.files.distributions if study.files else (), start=1):
        ids.append(f"F{number}")
        text = _add(_add(root, "fileDscr", ID=ids[-1], URI=file.path), "fileTxt")
        _add(text, "fileName", file.path)
        size = _add(text, "dimensns")
        _add(size, "caseQnty", str(study.rows))
        _add(size, "varQnty", str(len(study.columns)))
        _add(text, "fileType", f"{file.format[2]} ({file.format[0]})", charset="UTF-8")
    return ids


def _groups(parent: Tree.Element, study: Study) -> None:
    """Sections, batteries, and the columns of a question that has several."""
    groups: dict[tuple[str, str], list[str]] = {}
    for column in study.columns:
        for kind, name in _places(column.question):
            groups.setdefault((kind, name), []).append(f"V_{column.name}")
    for variable in study.left_out:
        for kind, name in _places(variable):
            if kind != "multipleResp":
                groups.setdefault((kind, name), []).append(f"V_{variable.name}")
    instrument = study.wave.instrument
    for (kind, name), members in groups.items():
        group = _add(parent, "varGrp", ID=f"G_{name}", type=kind, name=name, var=" ".join(members))
        _each(group, "labl", instrument.wording(name))


def _places(variable: Variable | None) -> Iterable[tuple[str, str]]:
    if variable is None:
        return
    if variable.section:
        yield "section", variable.section
    if variable.battery:
        yield "grid", variable.battery
    if variable.kind in ("multiple", "rank"):
        yield "multipleResp", variable.name


def _column(parent: Tree.Element, study: Study, column: Column, ids: Sequence[str]) -> None:
    weight = "wgt" if column.measure == "scale" and column.question is None else "not-wgt"
    var = _add(
        parent,
        "var",
        ID=f"V_{column.name}",
        name=column.name,
        files=" ".join(ids),
        wgt=weight,
        intrvl="discrete" if column.categories else "contin",
    )
    _each(var, "labl", column.label)
    if column.question:
        _question(var, study, column.question)
    if any(c.missing for c in column.categories):
        invalid = _add(var, "invalrng")
        for category in column.categories:
            if category.missing:
                _add(invalid, "item", VALUE=str(category.value))
    if column.question and column.question.relevant:
        _add(var, "universe", " and ".join(column.question.relevant))
    for category in column.categories:
        _category(var, category)
    _add(var, "varFormat", type="numeric")


def _left_out(parent: Tree.Element, study: Study, variable: Variable) -> None:
    var = _add(parent, "var", ID=f"V_{variable.name}", name=variable.name)
    _each(var, "labl", variable.label)
    _question(var, study, variable)
    if variable.relevant:
        _add(var, "universe", " and ".join(variable.relevant))
    _add(var, "varFormat", type="character" if variable.kind == "text" else "numeric")
    _each(var, "notes", study.not_public)


def _question(parent: Tree.Element, study: Study, variable: Variable) -> None:
    battery = study.wave.instrument.groups.get(variable.battery)
    for lang, text in variable.label.items():
        kind = DOMAIN.get(variable.kind, "")
        question = _add(parent, "qstn", responseDomainType=kind, **{LANG: lang})
        if battery:
            _add(question, "preQTxt", battery[lang], **{LANG: lang})
        _add(question, "qstnLit", text, **{LANG: lang})


def _category(parent: Tree.Element, category: Category) -> None:
    node = _add(parent, "catgry", missing="Y" if category.missing else "N")
    if category.missing:
        node.set("missType", category.code)
    _add(node, "catValu", str(category.value))
    _each(node, "labl", category.label)
    _add(node, "txt", category.code)


def _producer(study: Study) -> str:
    operator = study.catalogue.terms.operator
    return operator.name if operator else next(iter(study.wave.barometer.title.values()))


def _titles(parent: Tree.Element, labels: Labels) -> None:
    """The first language has the title, the others a parallel title."""
    for number, (lang, text) in enumerate(labels.items()):
        _add(parent, "parTitl" if number else "titl", text, **{LANG: lang})


def _each(parent: Tree.Element, tag: str, labels: Mapping[str, str]) -> None:
    for lang, text in labels.items():
        _add(parent, tag, text, **({LANG: lang} if lang else {}))


def _add(parent: Tree.Element, tag: str, text: str = "", **attributes: str) -> Tree.Element:
    """A child; attributes without a value are left out."""
    child = Tree.SubElement(parent, tag, {k: v for k, v in attributes.items() if v})
    if text:
        child.text = text
    return child
