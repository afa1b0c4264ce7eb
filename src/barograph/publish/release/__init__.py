"""The press release: a text per language whose numbers and assertions come from the data.

In: the template `release.<lang>.md` of a wave, verdicts on its claims, facts of the wave.
Out: `Release`, which gives Markdown, HTML with every number traced, and findings for other pages.
`tags` reads {% claim %} and {% quote %}, `lint` what an author may write, `marks` are what makes
a number an element of HTML and nothing in Markdown.
"""

from barograph.publish.release.languages import check_same_assertions
from barograph.publish.release.release import Release

__all__ = ["Release", "check_same_assertions"]
