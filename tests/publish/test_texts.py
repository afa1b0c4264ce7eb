"""Words for readers: each is used somewhere, and every policy that a wave may name has its own."""

import re
from pathlib import Path

import pytest

from barograph import publish
from barograph.estimate.intervals import POLICIES
from barograph.files import read_toml
from barograph.publish import texts

SOURCE = Path(publish.__file__).parents[1]
READ = (".py", ".j2", ".html", ".typ", ".js")
LISTED = "glossary.toml"  # printed whole


def test_each_interval_policy_has_a_name_for_readers():
    words = texts.load(languages=("nl", "fr", "de", "en"))
    for lang, known in words.items():
        for policy in POLICIES:
            assert known[f"policy_{policy}"], (lang, policy)


@pytest.fixture(scope="module")
def sources() -> str:
    return "\n".join(p.read_text() for p in sorted(SOURCE.rglob("*")) if p.suffix in READ)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.toml")), ids=lambda p: p.stem)
def test_every_word_is_used(path, sources):
    if "starter" in path.parts or path.name == LISTED:
        return
    assert not [key for key in read_toml(path) if not _used(key, sources)]


def _used(key: str, sources: str) -> bool:
    """By its name, or by a name put together of its beginning or end and something else."""
    if re.search(rf"\b{key}\b", sources):
        return True
    parts = key.split("_")
    for n in range(1, len(parts)):
        begins, ends = "_".join(parts[:n]) + "_", "_" + "_".join(parts[n:])
        if re.search(rf"""\b{begins}(\{{|["'])|\}}{ends}\b""", sources):
            return True
    return False
