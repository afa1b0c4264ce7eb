"""Expressions: XPath 1.0 as ODK reads it, parsed by elementpath, compiled to closures.

In: the text of an expression and the question it belongs to. Out: `Expression`, which evaluates on
`Answers`. `grammar` parses within limits, `paths` and `calls` compile, `functions` and `values`
hold ODK's rules, `places` the tree of the questionnaire.
"""
