"""A full disk, and whatever else breaks: what was typed is kept, nothing of the inside is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from forty import Server, opened, serving
from persons import Fields

pytestmark = pytest.mark.xdist_group("servers")
SIZE = 24  # megabytes
LONG = "y" * 15_000


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory) -> Iterator[Path]:
    """A file system of its own; skips where none may be mounted."""
    folder = tmp_path_factory.mktemp("small")
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("a full disk needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def server(small_disk: Path) -> Iterator[Server]:
    with serving(small_disk, 3) as found:
        yield found


def _fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def test_a_full_disk_loses_nothing_and_recovers(server: Server, small_disk: Path) -> None:
    person = opened(server.port, server.links[0])
    home = person.path
    path = f"{home}section/s1/"
    person.get(path).press({"s1_short": "before", "go": "overview"}, form="interview")
    ballast = _fill(small_disk)
    person.get(path)
    assert person.status == 200, "a full disk can still be read"
    saved, status = "before", 0
    for turn in range(200):  # the room left in the database's own files goes first
        person.press({"s1_short": f"{turn}", "s1_long": f"{turn} {LONG}", "go": "overview"}, form="interview")  # fmt: skip
        status = person.status
        if status != 200:
            break
        saved = str(turn)
        person.get(path)
    assert status == 507
    assert "Not saved" in person.page
    kept = Fields(person.page, "").values
    assert kept["s1_long"] == [f"{turn} {LONG}"]
    assert server.answers()["U00000"]["s1_short"] == saved
    assert person.get(path).status == 200

    ballast.unlink()
    person.post(path, kept)
    assert person.status == 200
    assert server.answers()["U00000"]["s1_short"] == str(turn)
    for line in (small_disk / "server.log").read_text().splitlines():
        assert LONG[:50] not in line
        if line.startswith("{"):
            json.loads(line)
