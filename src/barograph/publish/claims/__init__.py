"""What a text asserts, typed and tested; a sentence may be printed only while its claim holds.

In: claims.toml and a wave. Out: a `Verdict` on each claim, with p, interval, n and estimates.
`kinds` has the types and their tests, `ledger` reads claims.toml and tests all of it at once.
"""

from barograph.publish.claims.ledger import judge, read_claims
from barograph.publish.claims.model import Claim, Verdict

__all__ = ["Claim", "Verdict", "judge", "read_claims"]
