"""Personal data: what is kept of whom, for how long, and how it goes.

In: the tables of fieldwork, [retention] and [privacy] of barometer.toml. Out: erasures counted before and
after, all that is known of one person, and the register of processing as page and as JSON.
"""
