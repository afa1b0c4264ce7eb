"""The rounds of a wave: invitation and reminders, to whom, when, in which words.

In: contacts, the units of the wave, mail.toml of its folder. Out: invitations and messages in the outbox,
written in one transaction. `plan` notes a round, `reach` says whom it meets, `letters` has the words,
`release` writes the messages once a round is due. Called by the desk, the command line and the worker.
"""
