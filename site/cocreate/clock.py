"""What time it is: for everything that expires, waits, is counted or is dated.

The one place that reads the system's clock for data, so that a test can move it
(``tests/fixtures/backend.py``, ``later``). Durations are measured with ``time.monotonic``.
"""

from __future__ import annotations

import time


def now() -> int:
    """Whole seconds since 1970 (UTC)."""
    return int(time.time())
