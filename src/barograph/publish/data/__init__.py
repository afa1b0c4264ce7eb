"""The published data: the same figures and answers in the formats that others read.

In: a wave, its estimates, which of them are withheld, and the terms in barometer.toml. Out: for each
format its bytes, the same at every run. `open_data` calls; each module holds one format. Libraries
that only one format needs are imported by the function that uses them.
"""
