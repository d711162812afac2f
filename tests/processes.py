"""Real processes on real ports."""

from __future__ import annotations

import socket

PATIENCE = 60  # seconds; a busy machine is no reason to fail


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
