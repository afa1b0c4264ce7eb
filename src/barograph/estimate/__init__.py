"""Figures with their uncertainty.

In: a `Sample` (weights with their record) and the answers.
Out: `Estimate` and tables of them; comparisons of domains and of items.
The way: answers -> items (`items`) -> cells (`cells`) -> moments (`linear`) -> interval -> estimate.
"""

from barograph.estimate.compare import Comparison, compare_domains, compare_items, holm, rank_ranges
from barograph.estimate.estimate import Estimate, Estimates, Estimator
from barograph.estimate.items import Item, items_of

__all__ = [
    "Comparison",
    "Estimate",
    "Estimates",
    "Estimator",
    "Item",
    "compare_domains",
    "compare_items",
    "holm",
    "items_of",
    "rank_ranges",
]
