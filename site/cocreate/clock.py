"""What time it is: for everything that expires, waits, is counted or is dated.

The one place that reads the system's clock for data, so that a test can move it
(``tests/fixtures/backend.py``, ``moved_clock``). Durations are measured with ``time.monotonic``.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

DAY = 24 * 3600  # seconds
SINGAPORE = timezone(timedelta(hours=8), "+08")  # no summer time since 1982


def now() -> int:
    """Whole seconds since 1970 (UTC)."""
    return int(precise())


def precise() -> float:
    """The same with its fraction."""
    return time.time()


def in_singapore(seconds: float) -> datetime:
    """A time in seconds since 1970, as clocks in Singapore show it."""
    return datetime.fromtimestamp(seconds, SINGAPORE)


def shown(seconds: float) -> str:
    """To be read in a terminal, to the minute."""
    return f"{in_singapore(seconds):%Y-%m-%d %H:%M} (Singapore)"
