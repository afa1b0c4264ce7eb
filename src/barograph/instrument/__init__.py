"""What is asked.

In: an XLSForm (.xlsx, .xls, or its sheets survey.csv, choices.csv, settings.csv in a folder) and a
file of answers. Out: `Instrument` (questions in groups, choices, labels per language, content
hash; `variables` are what figures are made of), `Logic` (what is asked, what follows and what is at
fault, given answers), `Responses`, `Frozen` (answers of a wave that was closed). Called by the wave and the interview. Knows nothing of the
population.

`compile` makes an `Instrument`, `examine` also tells its `Finding`s; running waves never read the
workbook but `Instrument.from_json`. docs/questionnaire.md tells the profile.
"""

from barograph.instrument.faults import Fault
from barograph.instrument.findings import Finding
from barograph.instrument.frozen import Frozen
from barograph.instrument.logic import Logic, State
from barograph.instrument.model import (
    DONT_KNOW,
    Choice,
    Group,
    Instrument,
    Labels,
    Question,
    Variable,
)
from barograph.instrument.responses import Responses, read_responses
from barograph.instrument.xlsform import compile, examine

__all__ = [
    "DONT_KNOW",
    "Choice",
    "Fault",
    "Finding",
    "Frozen",
    "Group",
    "Instrument",
    "Labels",
    "Logic",
    "Question",
    "Responses",
    "State",
    "Variable",
    "compile",
    "examine",
    "read_responses",
]
