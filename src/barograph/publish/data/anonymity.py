"""Characteristics of units told only as far as enough units share them (k-anonymity).

Source: Samarati and Sweeney (1998); the rule here withholds from the finest characteristic on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LEAST = 5  # respondents that share whatever is told of them
SPLIT = 20  # units of the population below which a part is told no finer (Brussels has 19)
Key = tuple[str, ...]


def coarsen(respondents: Sequence[Key], population: Sequence[Key]) -> list[Key]:
    """What may be told of each respondent: the first characteristics, then "" for those withheld.

    A characteristic is told within a part (those who agree in all characteristics before it) when
    the part holds SPLIT units of the population or the characteristic does not split it, and when
    each of its values that occurs among the respondents occurs LEAST times. Otherwise it and
    all after it are withheld from everybody in the part, so that those left do not stand out.
    """
    told: list[Key] = [()] * len(respondents)
    for depth in range(len(respondents[0]) if respondents else 0):
        open_parts = {
            part for part in set(told) if len(part) == depth and _may(part, respondents, population)
        }
        told = [
            key[: depth + 1] if part in open_parts else part
            for key, part in zip(respondents, told, strict=True)
        ]
    return [
        (*part, *[""] * (len(key) - len(part))) for part, key in zip(told, respondents, strict=True)
    ]


def smallest(told: Sequence[Key]) -> int:
    """How many share the rarest combination; 0 of nobody."""
    return min(Counter(told).values(), default=0)


def _may(part: Key, respondents: Sequence[Key], population: Sequence[Key]) -> bool:
    """Whether the next characteristic may be told within a part."""
    depth = len(part)
    inside = [key[depth] for key in population if key[:depth] == part]
    if len(set(inside)) > 1 and len(inside) < SPLIT:
        return False
    return smallest([(key[depth],) for key in respondents if key[:depth] == part]) >= LEAST
