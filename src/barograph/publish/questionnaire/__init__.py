"""The questionnaire on paper: questions with their numbers, boxes to tick, skip rules in words.

In: a compiled instrument. Out: one accessible HTML page and one PDF per language.
"""

from barograph.publish.questionnaire.conditions import rule
from barograph.publish.questionnaire.html import html
from barograph.publish.questionnaire.numbers import numbers
from barograph.publish.questionnaire.paper import Printer, paper
from barograph.publish.questionnaire.pdf import pdf, pdfs

__all__ = ["Printer", "html", "numbers", "paper", "pdf", "pdfs", "rule"]
