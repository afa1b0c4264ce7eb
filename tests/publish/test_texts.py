"""Every policy that a wave may name has words in every language."""

from barograph.estimate.intervals import POLICIES
from barograph.publish import texts


def test_each_interval_policy_has_a_name_for_readers():
    words = texts.load(languages=("nl", "fr", "de", "en"))
    for lang, known in words.items():
        for policy in POLICIES:
            assert known[f"policy_{policy}"], (lang, policy)
