"""The live site under granian: one worker, one thread, mail sent beside it, an access log.

One writer has the shortest tail (p99 17 ms against 110 ms for two workers with four threads), and
reading needs no second: docs/performance.md.
"""

from __future__ import annotations

import http.client
import socket
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from cocreate.config import ROOT, Config, ConfigError, load_config

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where "all" is asked
PATIENCE = 30  # seconds for a start, and for a worker to finish what it is answering


class ServerError(Exception):
    """The server could not run. Its text is one line."""


def run(env: Mapping[str, str], host: str, port: int) -> None:
    """Serve until interrupted.

    Args:
        env: settings as variables.
        host: address to listen on.
        port: TCP port there.

    Raises:
        ConfigError: a setting or a catalogue that cannot work.
        ServerError: the port is taken, or the site fails to load.
    """
    _refuse_taken_port(host, port)
    # In a process that ends: the parent of the worker should not hold a database library.
    with ProcessPoolExecutor(1) as once:
        config = once.submit(_prepare, env).result()
    server = MPServer(
        "cocreate.server:make_application",  # a name for the log: the loader below makes it
        host,
        port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        respawn_interval=1.5,
        workers_kill_timeout=PATIENCE,
        log_level=LogLevels.warning,
    )
    ready = threading.Event()
    threading.Thread(target=_announce, args=(server, config, ready), daemon=True).start()
    try:
        server.serve(target_loader=partial(make_application, config), wrap_loader=False)
    except SystemExit:
        if not ready.is_set():
            raise ServerError("the site could not be loaded; the lines above say why") from None
        raise


def _prepare(env: Mapping[str, str]) -> Config:
    """The checked settings, with database, keys and catalogues ready."""
    from cocreate import keyring
    from cocreate.catalogues import CatalogueError, compile_catalogues

    config = load_config(env, serving=True)
    try:
        compile_catalogues(ROOT / "translations")
    except CatalogueError as error:
        raise ConfigError(str(error)) from None
    return keyring.prepare(config)


def make_application(config: Config) -> WSGIApplication:
    """What a worker process runs; called in that process."""
    from cocreate import outbox
    from cocreate.accesslog import AccessLog
    from cocreate.app import create_app
    from cocreate.front import Front

    app = create_app(config)
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


def _announce(server: MPServer, config: Config, ready: threading.Event) -> None:
    """Say so once pages are answered; only from then on is a dead worker replaced."""
    host = LOOPBACK_OF.get(server.bind_addr, server.bind_addr)
    path = config.base_path
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if _answers(host, server.bind_port, path + "robots.txt"):
            ready.set()
            server.respawn_failed_workers = True
            shown = f"[{host}]" if ":" in host else host
            click.echo(f"cocreate: ready at http://{shown}:{server.bind_port}{path}")
            return
        time.sleep(0.02)


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("HEAD", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
