"""The public file of single answers: whose, and what of them.

Units that consented, or, when nobody gave the answers (a synthetic wave that did not ask for
consent), all. No code, name, text or number; characteristics as `anonymity` tells them; the weight
is that of the characteristics told. Rows stand in the order of their content, which says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barograph.barometer import Wave
from barograph.indicators import Labels
from barograph.publish.data import answers
from barograph.publish.data.anonymity import LEAST, Key, coarsen, smallest
from barograph.publish.data.answers import MISSING, Category, Column, Words
from barograph.publish.data.terms import Microdata

WEIGHT = "weight"


@dataclass(frozen=True)
class MicroFile:
    """Columns of n rows that may be published; `least` respondents share each combination told."""

    columns: tuple[Column, ...]
    least: int

    def __len__(self) -> int:
        return len(self.columns[0].values)


def micro_file(wave: Wave, rules: Microdata | None, words: Words) -> MicroFile | None:
    """The public file; None when there are no rules, or nobody whose answers may be shown."""
    if rules is None:
        return None
    rows = _consenting(wave, rules)
    if len(rows) < LEAST:
        return None
    told = coarsen([keys(wave)[i] for i in rows], list(zip(*_domains(wave), strict=True)))
    public, _ = answers.kept(wave.instrument, wave.responses, rules.withhold)
    columns = [
        *key_columns(wave, told, words),
        *(c.taken(rows) for c in answers.columns(wave.responses, public, words)),
        Column(WEIGHT, _texts(words, "weight"), _weights(wave, rows, told), measure="scale"),
    ]
    answers.check_names(columns)
    order = np.lexsort([c.values for c in reversed(columns)])
    return MicroFile(tuple(c.taken(order) for c in columns), smallest(told))


def _consenting(wave: Wave, rules: Microdata) -> NDArray[np.intp]:
    given = wave.responses.answers.get(rules.consent)
    if given is None:
        return np.arange(len(wave.responses) if wave.synthetic else 0)
    return np.flatnonzero([str(a) in rules.codes for a in given])


def _domains(wave: Wave) -> list[NDArray[np.str_]]:
    return [wave.frame.attributes[name] for name in wave.barometer.domains]


def keys(wave: Wave) -> list[Key]:
    """The values of each respondent in the domains."""
    rows = [wave.frame.row_of[str(unit)] for unit in wave.responses.units]
    return [tuple(str(values[i]) for values in _domains(wave)) for i in rows]


def key_columns(wave: Wave, told: Sequence[Key], words: Words) -> list[Column]:
    """The domains as columns; "" is withheld."""
    columns = []
    withheld = answers.missing(words, "withheld") if any("" in key for key in told) else ()
    for position, domain in enumerate(wave.barometer.domains.values()):
        number = {value: i for i, value in enumerate(domain.labels, start=1)}
        values = [number.get(key[position], MISSING["withheld"]) for key in told]
        categories = [Category(number[v], v, label) for v, label in domain.labels.items()]
        columns.append(
            Column(
                domain.name,
                domain.label,
                np.array(values, dtype=float),
                (*categories, *withheld),
            )
        )
    return columns


def _weights(wave: Wave, rows: NDArray[np.intp], told: Sequence[Key]) -> NDArray[np.float64]:
    """The mean weight of those of whom the same is told: a weight of one's own would tell more."""
    _, group = np.unique([" ".join(key) for key in told], return_inverse=True)
    weights = wave.sample.w1[rows]
    mean = np.bincount(group, weights=weights) / np.bincount(group)
    return np.asarray([float(f"{w:.6g}") for w in mean])[group]


def _texts(words: Words, key: str) -> Labels:
    return {lang: w[key] for lang, w in words.items()}


def parquet_bytes(columns: Sequence[Column], title: Labels, notes: Sequence[str]) -> bytes:
    """The columns as Parquet; labels and codes stand in the metadata of each column, as JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = []
    for c in columns:
        values = [described(g) for g in c.categories]
        metadata = {"barograph": _json({"label": dict(c.label), "values": values})}
        coded = c.categories and c.measure != "scale"
        kind = pa.string() if c.is_text else pa.int16() if coded else pa.float64()
        fields.append(pa.field(c.name, kind, metadata=metadata))
    arrays = [_array(c, field.type) for c, field in zip(columns, fields, strict=True)]
    about = {"title": _json(dict(title)), "notes": _json(list(notes))}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, schema=pa.schema(fields, metadata=about)), sink)
    return bytes(sink.getvalue().to_pybytes())


def _array(column: Column, kind: Any) -> Any:
    import pyarrow as pa

    if column.is_text:
        return pa.array(column.values.tolist(), kind)
    # From the buffer, because pa.array() imports pandas, if there is one, to ask what it got.
    dtype = "<i2" if kind == pa.int16() else "<f8"
    buffer = pa.py_buffer(np.ascontiguousarray(column.values, dtype=dtype))
    return pa.Array.from_buffers(kind, len(column.values), [None, buffer])


def described(category: Category) -> dict[str, object]:
    """What a number stands for, for JSON."""
    named = {"value": category.value, "code": category.code, "label": dict(category.label)}
    return named | {"missing": category.missing}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)
