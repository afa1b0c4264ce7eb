"""The worker as a process beside the server, which says where things are and names itself.

It is a process, for granian forks its own, which a thread would not survive.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import django


def main(server: int) -> None:
    """Works until told to stop, or until the server is gone, however that ended."""
    django.setup()
    from barograph.collect.outbox import worker

    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends us
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def watch() -> None:
        while os.getppid() == server:
            stop.wait(worker.POLL)
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    worker.forever(stop)


if __name__ == "__main__":
    main(int(sys.argv[1]))
