"""The outbox is emptied: messages go to the mail server, one by one, each at most once for certain.

In: `Message` rows, written by whoever causes them. Out: the same rows with their state. `worker` is the
loop, called by `barograph work` and beside `barograph serve`; there is no broker.
"""
