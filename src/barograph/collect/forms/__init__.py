"""One section of the questionnaire as a page, and its POST as answers. No database, no request.

In: the compiled instrument, its state (relevance, choices, faults) and the answers.
Out: the context of `collect/section.html`, and the answers as typed. Called by the views.

Besides the answers a page posts `shown` (the keys it asked), `lang` and `go`, the button pressed:

    next, back, overview, leave   save, then go there; `next` shows faults once before
    stay                          save and show the page again (autosave by htmx)
    lang-nl, lang-fr, ...         save and show the page again in that language
    add:<repeat>, remove:<repeat>[n], clear:<key> <key> ...
                                  save with that change (`parse` has made it) and show the page again

What the view adds to the context: `title` (of the barometer), `languages` (codes), `hidden` (pairs
of name and value: sequence, lock), and where it has them `municipality`, `practice`, `preview`,
`timeout_minutes`, `sections` (href, label, current, done), `number` and `count` of the section,
`follow_up` (fields that have newly become relevant), `overview_url`. Pages without answers switch
the language with `?lang=nl`.
"""

from barograph.collect.forms.page import fields, page
from barograph.collect.forms.parse import SHOWN, parse, questions, repeats
from barograph.collect.forms.researcher import notes

__all__ = ["SHOWN", "fields", "notes", "page", "parse", "questions", "repeats"]
