"""The whole site for any WSGI server: ``gunicorn cocreate.wsgi:application``.

Pages, files and forms as under ``cocreate serve``, only slower; mail is sent by a thread of each
process, from its first request on (a server may fork after it has loaded this).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cocreate.app import create_app
from cocreate.config import ConfigError, load_config
from cocreate.mail.worker import start_worker
from cocreate.serve.prerendered import Front
from cocreate.storage import keys

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Application:
    """The front, and the mail worker beside it once in each process."""

    def __init__(self) -> None:
        self._app = create_app(keys.prepare(load_config(serving=True)))
        self._front = Front(self._app)
        self._sends_in = 0  # the process whose worker runs
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            if self._sends_in != os.getpid():
                self._sends_in = os.getpid()
                start_worker(self._app)
        return self._front(environ, start_response)


try:
    application = Application()
except ConfigError as error:
    sys.exit(f"cocreate: {error}")
