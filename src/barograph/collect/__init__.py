"""The interview: a municipality answers, section by section, alone or with colleagues.

In: the compiled questionnaire and the units of a wave; invitations by name of function and address.
Out: answers with the log of every change, from which a wave is closed. The core never imports this
room; its pages are served by `web`. `forms` draws and reads the questions and knows no database.
"""
