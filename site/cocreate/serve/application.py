"""What a worker of ``cocreate serve`` runs: the site, its mail, and its logs."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
from contextlib import suppress
from multiprocessing.util import Finalize
from wsgiref.types import WSGIApplication

from cocreate.app import create_app
from cocreate.config import PREFIX, Config, ConfigError
from cocreate.mail.worker import start_worker
from cocreate.serve.accesslog import AccessLog, log_in_background
from cocreate.serve.prerendered import Front
from cocreate.storage import keys

log = logging.getLogger(__name__)


def make_application(
    config: Config, *, require_database: bool, threads: int, patience: float
) -> WSGIApplication:
    """The live site, its mail being sent beside it; ConfigError where that cannot work.

    Args:
        config: settings, without the keys.
        require_database: refuse one that cannot be used; a later start serves pages without it.
        threads: how many the server has.
        patience: seconds that the last letters may take at the end.
    """
    try:
        config = keys.prepare(config, create_file=require_database)
    except ConfigError as error:
        if require_database:
            raise
        log.error("server: %s; forms answer 503 until then", error)
        config = keys.with_all_keys(config, make=False)
    app = create_app(config)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]  # WSGI servers put the environment, secrets and all, into each request
    access = AccessLog(sys.stdout, config.log_format)
    front = Front(app, access, threads=threads)
    with suppress(AttributeError):  # glibc: what loading took and left goes back to the machine
        ctypes.CDLL(None).malloc_trim(0)
    stop = threading.Event()
    mailer = start_worker(app, stop)
    log_in_background(config.log_format)
    threading.Thread(target=access.write, args=(stop,), daemon=True).start()
    # granian ends its worker without atexit; multiprocessing's own hook is called.
    Finalize(None, _wind_up, args=(stop, mailer, access, patience), exitpriority=10)
    return front


def _wind_up(
    stop: threading.Event, mailer: threading.Thread, access: AccessLog, patience: float
) -> None:
    stop.set()
    mailer.join(patience)
    access.close()
    os._exit(0)  # nothing is left to do, and a log that nobody reads would hold the exit up
