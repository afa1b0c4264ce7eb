"""Figures with their uncertainty.

In: a `Sample` (weights with their record) and the answers.
Out: `Estimate` and tables of them; comparisons of domains and of items.
The way: answers -> items -> cells -> moments (with `linear`) -> intervals -> estimate -> table.
"""

from barograph.estimate.compare import (
    Comparison,
    benjamini_hochberg,
    compare_domains,
    compare_items,
    holm,
)
from barograph.estimate.estimate import Estimate, Estimator
from barograph.estimate.independence import RaoScott, independence_of
from barograph.estimate.items import Item, items_of
from barograph.estimate.ranks import rank_ranges
from barograph.estimate.table import Estimates

__all__ = [
    "Comparison",
    "Estimate",
    "Estimates",
    "Estimator",
    "Item",
    "RaoScott",
    "benjamini_hochberg",
    "compare_domains",
    "compare_items",
    "holm",
    "independence_of",
    "items_of",
    "rank_ranges",
]
