"""The live site under granian: one worker, one thread, mail sent beside it, an access log.

One writer has the shortest tail (p99 17 ms against 110 ms for two workers with four threads), and
reading needs no second: docs/performance.md.
"""

from __future__ import annotations

import encodings.idna  # noqa: F401  # or _announce imports it while granian forks: deadlock
import http.client
import logging
import multiprocessing
import socket
import sys
import threading
import time
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from cocreate.config import Config, ConfigError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from _typeshed.wsgi import WSGIApplication

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where "all" is asked
PATIENCE = 30  # seconds for a worker to finish what it is answering


class ServerError(Exception):
    """The server could not run. Its text is one line."""


class Server(MPServer):
    """Granian that says when pages are answered; only from then on is a dead worker replaced."""

    path = "/"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ready = threading.Event()

    def _spawn_workers(self, *args: Any) -> None:
        super()._spawn_workers(*args)  # type: ignore[no-untyped-call]
        # Not a moment earlier: a thread that holds a lock while we fork would leave it locked there
        threading.Thread(target=self.announce, daemon=True).start()

    def announce(self) -> None:
        host = LOOPBACK_OF.get(self.bind_addr, self.bind_addr)
        while not _answers(host, self.bind_port, self.path + "robots.txt"):
            time.sleep(0.02)
        self.ready.set()
        self.respawn_failed_workers = True
        logging.getLogger("_granian").setLevel(logging.WARNING)
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"cocreate: ready at http://{shown}:{self.bind_port}{self.path}")


def run(config: Config, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        ConfigError: keys, database or catalogues that cannot work.
        ServerError: the port is taken, or the site fails to load.
    """
    _refuse_taken_port(host, port)
    reader, writer = multiprocessing.Pipe(duplex=False)
    server = Server(
        "cocreate.server:make_application",  # a name for the log: the loader below makes it
        host,
        port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        respawn_interval=1.5,
        workers_kill_timeout=PATIENCE,
        log_level=LogLevels.critical,  # until it is ready: Server.announce
    )
    server.path = config.base_path
    try:
        server.serve(target_loader=partial(load, config, writer), wrap_loader=False)
    except SystemExit:
        if reader.poll():
            raise ConfigError(reader.recv()) from None
        if not server.ready.is_set():
            raise ServerError("the site could not be loaded; the lines above say why") from None
        raise


def load(config: Config, trouble: Connection) -> WSGIApplication:
    """:func:`make_application` for granian, in its worker process; a wrong setting is sent up."""
    try:
        return make_application(config)
    except ConfigError as error:
        trouble.send(str(error))
        sys.exit(2)


def make_application(config: Config) -> WSGIApplication:
    """The live site, its mail being sent beside it."""
    from cocreate import keyring, outbox
    from cocreate.accesslog import AccessLog
    from cocreate.app import create_app
    from cocreate.front import Front

    app = create_app(keyring.prepare(config))
    front = Front(app)
    stop = threading.Event()
    mailer = threading.Thread(target=outbox.run_worker, args=(app, stop), name="mail", daemon=True)
    mailer.start()
    threading.Thread(target=_flush_regularly, args=(stop,), daemon=True).start()
    # granian ends its worker without atexit; multiprocessing's own hook is called.
    Finalize(None, _wind_up, args=(stop, mailer), exitpriority=10)
    return AccessLog(front, sys.stdout)


def _wind_up(stop: threading.Event, mailer: threading.Thread) -> None:
    stop.set()
    mailer.join(PATIENCE)
    sys.stdout.flush()


def _flush_regularly(stop: threading.Event) -> None:
    """The log is written in blocks, and seen within a second."""
    while not stop.wait(1):
        sys.stdout.flush()


def _refuse_taken_port(host: str, port: int) -> None:
    """Granian lets several servers share a port; here a second one is a mistake."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServerError(f"cannot listen on {host}:{port}: {error.strerror}") from None


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("HEAD", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
