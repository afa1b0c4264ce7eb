"""What is asked.

In: the sheets of an XLSForm (survey.csv, choices.csv, settings.csv) and a file of answers.
Out: `Instrument` (variables, choices, labels per language, content hash) and `Responses`.
Called by the wave. Knows nothing of the population.
"""

from barograph.instrument.model import DONT_KNOW, Choice, Instrument, Variable
from barograph.instrument.responses import Responses, read_responses
from barograph.instrument.xlsform import compile

__all__ = [
    "DONT_KNOW",
    "Choice",
    "Instrument",
    "Responses",
    "Variable",
    "compile",
    "read_responses",
]
