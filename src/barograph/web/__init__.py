"""The Django project that hosts the interview beside the published edition.

In: a folder (a barometer or an edition) and a few environment variables, see `settings`.
Out: one server on one port. Called by the command line.
"""
