"""The README beside the data: what each file holds, and whose answers stand in it."""

from __future__ import annotations

from barograph.barometer import Wave
from barograph.publish.data.anonymity import LEAST, SPLIT
from barograph.publish.data.microdata import MicroFile
from barograph.publish.data.terms import Terms


def readme(wave: Wave, terms: Terms, micro_file: MicroFile | None) -> str:
    """README.md of the data of an edition."""
    notice = "\n\n".join(wave.synthetic.values())
    return f"""# {wave.barometer.title.get("en", wave.name)} {wave.name}: data

{notice}

- `estimates.csv`: every figure; shares in 0..1, means on their scale, totals in municipalities.
  `n` respondents counted, `base` respondents the figure is over, `ci_low` and `ci_high` the 95%
  interval (shares and totals: {wave.policy.replace("_", " ")}; means: t), `se` the linearised standard error.
  `flag`: base<30, base<10 or none. `suppressed` is 1 and the figures are empty where a figure would
  tell about single respondents; beside such a figure others stand in steps, without `n`. `method_id` begins with synthetic when nobody gave the answers.
- `indicators.csv`, `categories.csv`, `domains.csv`: what the codes in it mean, what was asked of whom
  and which answers count, per language.
- `estimates.xlsx`: the same tables for a spreadsheet. `estimates.<language>.json`: the same figures as
  a JSON-stat 2 cube; `status` follows SDMX: U low reliability, M missing, Q suppressed.
- `reproduction.csv`: each figure published earlier, as the plain share of respondents and as
  estimated with weights (shares in percent). In an order, ">" separates neighbours that
  the data put in this order at 95% (all comparisons at once), "~" those they do not.
- `further.csv`: what pages print beside `estimates.csv`, in its columns: figures of the map,
  differences of two domains ("a|b"), ranks. `facts.json`: numbers and days of the wave and its frame.
- `datapackage.json` lists the files and describes the tables (Frictionless), `catalogue.jsonld` the
  whole for data portals (DCAT-AP 3.0.1), `codebook.xml` the questionnaire and its codes (DDI Codebook 2.5).

In the CSV files a text that a spreadsheet would run as a formula has an apostrophe before it.

## Single answers

{_answers(wave, terms, micro_file)}

{_terms(terms)}{wave.barometer.attribution}
"""


def _answers(wave: Wave, terms: Terms, micro_file: MicroFile | None) -> str:
    rules = terms.microdata
    if micro_file is None or rules is None:
        why = "barometer.toml has no [microdata] table"
        if rules is not None:
            why = f"fewer than {LEAST} municipalities agreed to it, or the wave did not ask them"
        return f"None are published: {why}."
    whose = f"of the municipalities that answered {' or '.join(rules.codes)} to `{rules.consent}`"
    if rules.consent not in wave.responses.answers:
        whose = "all there are: the wave did not ask for consent, and nobody gave these answers"
    domains = ", ".join(wave.barometer.domains)
    return f"""`answers.<language>.sav` (SPSS) and `answers.parquet`: {len(micro_file)} rows, {whose}. They
hold no code or name of a municipality, no text, no number and none of: {", ".join(rules.withhold) or "-"}.
Of each row at most {domains} is told. A characteristic is withheld (-4) from a whole part
when the part has fewer than {SPLIT} municipalities, or when one of the values in it would be
shared by fewer than {LEAST} rows; every combination told is shared by at least {micro_file.least}.
`weight` is the mean weight of the rows of which the same is told. Rows stand in the order of their
content. Below zero stand the kinds of missing: -1 don't know, -2 not relevant because of another
answer, -3 no answer."""


def _terms(terms: Terms) -> str:
    lines = [f"Licence: {terms.licence}.\n\n"] if terms.licence else []
    if terms.operator:
        told = " ".join(t for t in (terms.operator.url, terms.operator.email) if t)
        lines.append(f"Published by {terms.operator.name}. {told}".rstrip() + "\n\n")
    return "".join(lines)
