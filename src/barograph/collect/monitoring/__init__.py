"""Whom the answers speak for, day by day: response against the frame, before anybody sees a result.

In: the state of a wave in the database, the barometer's folder. Out: `standing.Standing` and what the desk
tells of it. Nothing here reads the content of an answer. Called by the desk.
"""
