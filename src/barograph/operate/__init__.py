"""What an operator does with an installation: back it up, bring it back, look whether it is well.

In: the state folder, the database, the folder of the barometer. Out: archives and plain sentences.
Called by the command line. Backups know no Django: they are made before a migration too.
"""
