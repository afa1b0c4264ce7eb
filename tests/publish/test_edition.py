"""The edition of 2017: whole, the same twice, marked as synthetic, with all published figures."""

import csv
import hashlib
import json
import re
import shutil
from html import unescape
from html.parser import HTMLParser

import pytest

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.publish import publish
from barograph.publish.edition import record
from barograph.starter import create

LANGUAGES = ("nl", "fr", "de", "en")
PAGES = ("index.html", "release.html", "reproduction.html", "figures/relevance.html")


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_twice_gives_the_same_bytes(wave, edition, tmp_path):
    again = publish(type(wave).open(wave.barometer, "2017"), tmp_path / "again")
    assert files(again) == files(edition)
    publish(wave, again)  # over itself
    assert files(again) == files(edition)
    assert [p.name for p in tmp_path.iterdir()] == ["again"]


def test_all_published_figures_are_reproduced(edition, shared):
    found = rows(edition / "data" / "reproduction.csv")
    assert list(found[0]) == "id,published,as_published,estimate,low,high,n,base".split(",")
    published = rows(shared / "synthetic" / "figures_2017.csv")
    assert [r["id"] for r in found] == [f["id"] for f in published]
    for row, figure in zip(found, published, strict=True):
        assert row["published"] == (figure["value"] or figure["category"])
        if figure["rule"] == "round":
            assert int(float(row["as_published"]) + 0.5) == int(figure["value"]), row
        else:
            assert row["as_published"] == row["published"]
        if figure["rule"] in ("round", "count"):
            assert float(row["low"]) <= float(row["estimate"]) <= float(row["high"])
        assert int(row["base"]) >= int(row["n"]) >= 0


def test_every_file_with_figures_says_that_they_are_synthetic(wave, edition):
    for lang in LANGUAGES:
        notice = wave.synthetic[lang]
        for page in PAGES:
            assert notice in unescape((edition / lang / page).read_text())
        assert notice in (edition / lang / "release.md").read_text()
    assert all(
        r["method_id"].startswith("synthetic:") for r in rows(edition / "data" / "estimates.csv")
    )
    for name in ("claims.json", "manifest.json"):
        assert json.loads((edition / name).read_text())["synthetic"]["en"] == wave.synthetic["en"]


def test_the_manifest_covers_every_file(edition):
    manifest = json.loads((edition / "manifest.json").read_text())
    found = {n: hashlib.sha256(b).hexdigest() for n, b in files(edition).items()}
    found.pop("manifest.json")
    assert manifest["outputs"] == found
    assert manifest["frame"]["units"] == 589


def test_estimates_hold_together(edition):
    table = rows(edition / "data" / "estimates.csv")
    ids = [r["estimate_id"] for r in table]
    assert len(set(ids)) == len(ids)
    for r in table:
        assert float(r["ci_low"]) <= float(r["estimate"]) + 1e-12
        assert float(r["estimate"]) <= float(r["ci_high"]) + 1e-12
    claims = json.loads((edition / "claims.json").read_text())["claims"]
    assert {i for c in claims.values() for i in c["estimate_ids"]} <= set(ids)


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.ids = [], set()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        leaves = tag == "a" and "external" in attrs.get("rel", "")
        self.links += [attrs[k] for k in ("href", "src") if attrs.get(k) and not leaves]
        assert attrs.get("id") not in self.ids or attrs.get("id") is None, attrs
        self.ids.add(attrs.get("id"))


@pytest.mark.parametrize("which", ["example", "starter"])
def test_every_link_leads_somewhere_inside(which, edition, tmp_path):
    if which == "starter":  # without figures published earlier, without map
        create(tmp_path / "new")
        edition = publish(Barometer.open(tmp_path / "new").wave("2026"), tmp_path / "edition")
    parsed = {}
    for path in edition.rglob("*.html"):
        parsed[path.resolve()] = page = Links()
        page.feed(path.read_text())
    for path, page in parsed.items():
        for link in page.links:
            assert not re.match(r"\w+:|//", link), link
            target, _, anchor = link.partition("#")
            target = target.partition("?")[0]
            start = edition.resolve() if target.startswith("/") else path.parent
            goal = (start / target.lstrip("/")).resolve() if target else path
            assert goal.is_file(), f"{path}: {link}"
            if anchor:
                assert anchor in parsed[goal].ids, f"{path}: {link}"


def test_all_languages_carry_the_same_numbers(edition):
    def numbers(lang):
        text = (edition / lang / "release.md").read_text().split("\n\n", 2)[2]
        text = re.sub(r"(?<=\d)[.,\u202f\u00a0](?=\d)", "", text)
        return sorted(re.findall(r"\d+", text))

    assert numbers("nl") == numbers("fr") == numbers("de") == numbers("en")


def test_a_folder_that_is_no_edition_is_left_alone(wave, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty and no edition"):
        publish(wave, tmp_path)
    assert files(tmp_path) == {"letter.txt": b"mine"}


def test_boundaries_draw_a_true_map(wave, shared, tmp_path):
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    boundaries = shared / "data" / "be_municipalities_589_2016.topo.json"
    shutil.copy(boundaries, folder / "frame" / "boundaries.topojson")
    copy = type(wave.barometer).open(folder).wave("2017")
    edition = publish(copy, tmp_path / "edition")
    assert 'class="map true"' in (edition / "nl" / "index.html").read_text()


def test_a_page_for_each_municipality_under_all_its_names(wave, edition):
    listed = (edition / "fr" / "municipalities" / "index.html").read_text()
    for code in wave.frame.codes:
        assert (edition / "fr" / "municipalities" / f"{code}.html").is_file()
        assert f'href="{code}.html"' in listed
    # A name in another language, one that came with a merger, and a code of another year.
    assert re.search(r'href="62063.html">Liège</a> <span><span lang="nl">Luik</span>', listed)
    assert re.search(r'href="62063.html" lang="nl">Luik</a> <span>voir Liège', listed)
    assert re.search(r'href="12041.html" lang="nl">Puurs-Sint-Amands</a> <span>.*Puurs', listed)
    old, new = (
        unescape((edition / f"en/municipalities/{code}.html").read_text())
        for code in ("12030", "12041")
    )
    assert '<time datetime="2019-01-01">' in old
    assert 'href="12041.html"' in old
    assert 'href="12030.html"' in new
    index = json.loads((edition / "municipalities.json").read_text())
    known = {code: {name, *others} for code, name, others in index}
    assert {"Liège", "Luik", "Lüttich"} <= known["62063"]
    assert "Puurs-Sint-Amands" in known["12041"]


def test_names_stand_in_their_language(edition):
    """Bilingual in Brussels, with facilities, in the German-speaking area."""
    brussels, sint_genesius, eupen = (
        (edition / "en" / "municipalities" / f"{code}.html").read_text()
        for code in ("21004", "23101", "63023")
    )
    assert '<h1><span lang="fr">Bruxelles</span> / <span lang="nl">Brussel</span></h1>' in brussels
    assert '<h1><span lang="nl">Sint-Genesius-Rode</span></h1>' in sint_genesius
    assert "Language facilities for" in sint_genesius
    assert '<h1><span lang="de">Eupen</span></h1>' in eupen


def test_a_municipality_page_shows_its_region_and_type_and_no_answer(wave, edition):
    page = unescape((edition / "en" / "municipalities" / "63023.html").read_text())
    assert "Eupen" in page
    assert "Wallonia" in page
    assert "Flanders" not in page
    chart = re.compile(r'<svg class="chart".*?</svg>', re.S)
    here, there = (
        chart.findall((edition / "en" / "municipalities" / f"{code}.html").read_text())
        for code in ("63023", "63040")  # two of one kind: one of them may have answered
    )
    assert len(here) == 2
    assert here == there


def test_pages_are_small(edition):
    largest = max(edition.rglob("*.html"), key=lambda p: p.stat().st_size)
    assert largest.stat().st_size <= 60_000, largest


def test_a_final_edition_enters_the_ledger_and_stays_the_same(tmp_path):
    """What it prints is known afterwards; publishing it again hides nothing and adds nothing."""
    create(tmp_path / "barometer")
    barometer = Barometer.open(tmp_path / "barometer")
    first = files(publish(barometer.wave("2026"), tmp_path / "edition"))
    ledger = record(barometer.wave("2026"))
    printed = {entry.estimate_id for entry in barometer.ledger.entries}
    assert printed
    assert printed <= {f.estimate_id for t in barometer.wave("2026").tables for f in t.figures}
    assert files(publish(barometer.wave("2026"), tmp_path / "edition")) == first
    before = ledger.read_bytes()
    assert record(barometer.wave("2026")).read_bytes() == before
    assert not any(b"ledger" in name.encode() for name in first)
