"""Whom to write to at each municipality, kept apart from answers and from waves.

In: a CSV file, however a spreadsheet wrote it. Out: `Contact` rows, each with the date until which it is
kept. `table` reads the file, `importing` checks and writes; nothing is written while a row has a fault.
"""
