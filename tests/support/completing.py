"""Answers a questionnaire until nothing is missing or wrong."""

from barograph.collect.practice import complete

__all__ = ["complete"]
