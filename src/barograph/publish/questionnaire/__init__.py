"""The questionnaire on paper: questions with their numbers, boxes to tick, skip rules in words.

In: a compiled instrument. Out: one accessible HTML page and one PDF per language.
"""

from barograph.publish.questionnaire.html import html
from barograph.publish.questionnaire.numbers import numbers
from barograph.publish.questionnaire.paper import paper
from barograph.publish.questionnaire.pdf import pdf

__all__ = ["html", "numbers", "paper", "pdf"]
