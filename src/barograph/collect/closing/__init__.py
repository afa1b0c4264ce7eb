"""Closing a wave: what is odd about its answers, what was decided of it, and the freeze.

In: the answers of a closed wave and decisions of researchers. Out: WAVE/frozen/N in the folder of the
barometer, which figures are made from. Called by the desk and the command line.
"""
