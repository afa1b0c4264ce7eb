"""What was asked and answered elsewhere, taken in.

In: a LimeSurvey questionnaire (.lss, .txt), or answers from LimeSurvey, ODK, Kobo, SPSS or our own
export. Out: the sheets of an XLSForm, which compile like any other, or the responses.csv of a wave,
checked like any other. Everything that comes in is hostile. Called by the command line.
docs/imports.md tells what is taken and what is refused.
"""

from barograph.instrument.imports.answers import Wishes, import_answers
from barograph.instrument.imports.questionnaire import import_questionnaire

__all__ = ["Wishes", "import_answers", "import_questionnaire"]
