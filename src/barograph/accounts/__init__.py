"""Who works here: staff with a second factor and a role, and the log of what they did and read.

In: one-time links printed by the command line. Out: an account on each request of a staff page, and its
permissions. Called by the rooms that have staff pages; it knows none of them.
"""
