"""Real servers on this machine for the engines: a PostgreSQL cluster, a standalone Spark cluster."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def wait_for(port: int, seconds: float = 60) -> None:
    """Until somebody listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port} after {seconds:.0f} s")


@contextmanager
def started(*command: str, **environment: str) -> Iterator[None]:
    """A process, ended with the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=quiet, stderr=quiet
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def postgresql_programs() -> Path:
    """The folder of initdb and postgres; skips without them, and fails where REQUIRE_ALL=1."""
    import pytest

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if not (found or named):
        reason = "no PostgreSQL on this machine; install the package postgresql"
        pytest.fail(reason) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(reason)
    return found[-1].parent if found else Path(str(named)).parent


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a database that lives as long as the block. Root lends itself to `postgres`."""
    programs = postgresql_programs()
    port = free_port()
    # Not in pytest's folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="barograph-") as name:
        folder, switch = Path(name), ()
        if os.geteuid() == 0:
            switch = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
            shutil.chown(folder, "postgres")
        data = str(folder / "data")
        make = (
            str(programs / "initdb"),
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "barograph",
            "-E",
            "UTF8",
        )
        subprocess.run([*switch, *make], check=True, capture_output=True, cwd=folder)
        serve = (str(programs / "postgres"), "-D", data, "-p", str(port), "-k", name)
        with started(*switch, *serve, "-h", "127.0.0.1"):
            wait_for(port)
            yield f"postgresql://barograph@127.0.0.1:{port}/postgres"


@contextmanager
def spark_cluster(home: Path, folder: Path) -> Iterator[str]:
    """The address of one master with two workers, started from the pip package at `home`."""
    port = free_port()
    run = str(home / "bin" / "spark-class")
    local = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOG_DIR": str(folder / "log"),
    }
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    bound = ("--host", "127.0.0.1")
    with ExitStack() as stack:
        stack.enter_context(
            started(run, f"{deploy}.master.Master", *bound, "--port", str(port), **local)
        )
        wait_for(port)
        for _ in range(2):
            size = ("--cores", "1", "--memory", "1g")
            stack.enter_context(
                started(run, f"{deploy}.worker.Worker", *bound, *size, address, **local)
            )
        yield address
