"""Every number on every page of the edition resolves: to an estimate, a fact, a day, or a wording."""

import csv
import json
import re
from functools import cache
from html.parser import HTMLParser

import pytest

from barograph.estimate.estimate import Estimate
from barograph.publish import formats
from barograph.publish.site.evidence import SMALLEST_P

VOID = {"meta", "link", "br", "input", "img", "hr", "base"}
UNREAD = {"script", "style", "title", "head", "desc"}
LANGUAGES = ("nl", "fr", "de", "en")
DIGIT = re.compile(r"\d")
MINUS = str.maketrans({"−": "-", "\u2060": None})


class Numbers(HTMLParser):
    """Texts with a digit, each with the attributes of the elements around it, nearest first."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "li" and self.open and self.open[-1][0] == "li":
            self.open.pop()  # its end may be left out
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if DIGIT.search(data) and not UNREAD & set(tags):
            self.found.append((data, list(reversed(self.open))))


@pytest.fixture(scope="session")
def printed(edition):
    """What may be printed of each estimate in each language."""
    rows = {}
    for path in (edition / "data" / "estimates.csv", edition / "data" / "further.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows |= {r["estimate_id"]: r for r in csv.DictReader(file)}

    @cache
    def of(estimate_id, lang):
        return _printed(rows[estimate_id], lang) if estimate_id in rows else None

    return of


def _number(text):
    return float(text) if text else float("nan")


def _printed(row, lang):
    """The texts that publish/formats makes of a row, longest first."""
    head = row["estimate_id"].removesuffix(f".{row['domain']}")
    statistic = head.rsplit(".", 1)[-1]
    value, low, high = (_number(row[k]) for k in ("estimate", "ci_low", "ci_high"))
    n, base = (int(row[k] or 0) for k in ("n", "base"))
    texts = {formats.number(n, lang), formats.number(base, lang)}
    if "|" in row["domain"]:
        factor, digits = (1, 1) if statistic == "mean" else (100, 0)
        for sign in (1, -1):
            texts |= {formats.number(sign * x * factor, lang, digits) for x in (value, low, high)}
    elif statistic == "rank":
        texts |= {formats.number(x, lang) for x in (value, low, high)}
    else:
        flag = "withheld" if row["suppressed"] == "1" else row["flag"]
        e = Estimate(
            row["estimate_id"],
            "",
            "",
            "",
            statistic,
            value,
            0,
            low,
            high,
            n,
            base,
            0,
            0,
            0,
            0,
            flag,
        )
        texts |= {formats.value_text(e, lang), formats.interval_text(e, lang)}
        if statistic == "share":
            texts.add(formats.percent(value, lang))
    return sorted((t.translate(MINUS) for t in texts if t), key=len, reverse=True)


def left_over(text, allowed):
    """What of a text no allowed text explains."""
    text = text.translate(MINUS)
    for one in allowed:
        text = re.sub(rf"(?<![\d.,]){re.escape(one)}(?!\d)", "", text)
    return text if DIGIT.search(text) else ""


def fact_texts(facts, name, lang, edition):
    """The texts that a fact may be printed as."""
    if name.startswith("bytes."):
        size = (edition / name.removeprefix("bytes.")).stat().st_size
        return [formats.number(max(size / 1000, 1), lang)]
    if name == "correction.claims":
        return [str(json.loads((edition / "claims.json").read_text())["correction"]["claims"])]
    if name.startswith("claims."):
        return _claim_texts(json.loads((edition / "claims.json").read_text()), name, lang)
    if name not in facts:
        return []
    value = facts[name]
    if isinstance(value, list):
        texts = {t for one in value for t in _number_texts(one, lang)}
        return sorted(texts, key=len, reverse=True)
    if isinstance(value, str):
        return re.findall(r"\d+(?:[.,]\d+)?", value)
    return sorted(_number_texts(value, lang), key=len, reverse=True)


def _number_texts(value, lang):
    texts = {formats.number(value, lang, digits) for digits in range(4)}
    if 0 <= value <= 1:
        texts |= {formats.percent(value, lang), formats.number(100 * value, lang)}
    return texts


def _claim_texts(ledger, name, lang):
    """A part of a claim; with a difference its interval, of a small p that it is below a bound."""
    _, claim_name, part = name.split(".", 2)
    claim = ledger["claims"][claim_name]
    parts = ("difference", "low", "high") if part in ("difference", "low", "high") else (part,)
    values = [claim[p] for p in parts if isinstance(claim.get(p), int | float)]
    values += [SMALLEST_P] if part.startswith("p") and values and values[0] < SMALLEST_P else []
    factors = (100, 0), (1, 1), (1, 2), (1, 3), (1, 0)
    texts = {formats.number(x * f, lang, digits) for x in values for f, digits in factors}
    return sorted(texts, key=len, reverse=True)


def fault(text, around, facts, printed, lang, edition):
    """What is wrong with a number, "" when nothing is."""
    for tag, attrs in around:
        classes = (attrs.get("class") or "").split()
        if tag == "time":
            return "" if attrs.get("datetime") else "a time without its day"
        if {"wording", "tick", "key", "group"} & set(classes):
            return ""
        if estimate_id := attrs.get("data-estimate"):
            allowed = printed(estimate_id, lang)
            if allowed is None:
                return f"no estimate {estimate_id}"
            rest = left_over(text, allowed)
            return f"{estimate_id} is not {rest!r} but {allowed}" if rest else ""
        if name := attrs.get("data-fact"):
            allowed = fact_texts(facts, name, lang, edition)
            rest = left_over(text, allowed)
            return f"fact {name} is not {rest!r} but {allowed}" if rest else ""
    return "stands alone"


def test_every_number_of_every_page_resolves(edition, printed):
    facts = json.loads((edition / "data" / "facts.json").read_text())
    faults, pages, numbers = {}, 0, 0
    for path in sorted(edition.rglob("*.html")):
        lang = path.relative_to(edition).parts[0]
        page = Numbers()
        page.feed(path.read_text())
        pages += 1
        for text, around in page.found:
            numbers += 1
            said = fault(text, around, facts, printed, lang if lang in LANGUAGES else "nl", edition)
            if said:
                template = re.sub(r"\d{5}\.html$", "NIS.html", str(path.relative_to(edition)))
                faults.setdefault(f"{template}: {text.strip()!r} {said}", path)
    assert pages > 2_356
    assert numbers > 20 * pages
    assert not faults, "\n".join([f"{len(faults)} faults", *list(faults)[:40]])


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>66%</p>", "stands alone"),
        ('<p data-estimate="2017.none.x.share.all">66%</p>', "no estimate"),
        ('<p data-estimate="2017.relevance.p_relevance.share.all">66%</p>', "is not '66%'"),
        ('<p data-estimate="2017.relevance.p_relevance.share.all">68%</p>', ""),
        ('<p data-fact="invited">590</p>', "fact invited is not"),
        ('<p data-fact="invited">589</p>', ""),
        ("<time>2017</time>", "without its day"),
    ],
)
def test_the_crawler_sees_what_is_wrong(edition, printed, html, why):
    facts = json.loads((edition / "data" / "facts.json").read_text())
    page = Numbers()
    page.feed(html)
    ((text, around),) = page.found
    said = fault(text, around, facts, printed, "en", edition)
    assert why in said if why else not said
