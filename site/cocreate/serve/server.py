"""The live site under granian: one worker, one thread, mail sent beside it, an access log.

One writer has the shortest tail (p99 17 ms against 110 ms for two workers with four threads), and
reading needs no second: docs/performance.md.
"""

from __future__ import annotations

import gc
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from multiprocessing.util import Finalize
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import click
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from cocreate.config import PREFIX, Config, ConfigError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from _typeshed.wsgi import WSGIApplication

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where "all" is asked
# One is in Flask, the others wait for slow senders. 8 answer a third more a second than 64.
THREADS = 8
PATIENCE = 30  # seconds for a worker to finish what it is answering


class ServerError(Exception):
    """The server could not run. Its text is one line."""


class SignalSafeEvent(SimpleQueue[None]):
    """What wakes granian's main loop, in place of ``threading.Event``.

    A signal that arrives while the main thread is entering ``Event.wait`` finds the event's lock
    taken by that same thread: the server could neither reload nor stop any more. The queue's
    ``put`` is made for that (reentrant, says its documentation), and wakes once: nothing to clear.
    """

    glance = 1.0  # seconds; Python handles a signal that came just before get() only after it

    def set(self) -> None:
        self.put(None)

    def wait(self) -> None:
        while True:
            try:
                return self.get(timeout=self.glance)
            except Empty:
                pass

    def clear(self) -> None:
        pass


class Server(MPServer):
    """Granian that knows when its worker is ready: it says so, and never stops one before the next.

    Until then a worker that dies is a start that failed; from then on it is replaced.
    """

    def __init__(self, config: Config, host: str, port: int) -> None:
        super().__init__(
            "cocreate",
            host,
            port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,  # what proxies speak to us
            workers=1,
            blocking_threads=THREADS,
            respawn_interval=0.1,
            workers_kill_timeout=PATIENCE,
            log_level=LogLevels.critical,
        )
        self.main_loop_interrupt = SignalSafeEvent()  # type: ignore[assignment]
        self._config = config
        self._reader, self._writer = multiprocessing.Pipe(duplex=False)
        self.is_ready = False
        self.trouble = ""

    def run(self) -> None:
        self.serve(target_loader=partial(load, self._config, self._writer), wrap_loader=False)

    def _init_shared_socket(self) -> None:
        """One queue of callers for all workers: granian's own cuts callers off at a reload."""
        host, port, v6 = self.bind_addr, self.bind_port, ":" in self.bind_addr
        both = v6 and socket.has_dualstack_ipv6()
        try:
            family = socket.AF_INET6 if v6 else socket.AF_INET
            calls = socket.create_server((host, port), family=family, dualstack_ipv6=both)
        except OSError as error:
            why = str(error.strerror).partition(" (while")[0]
            raise ServerError(f"cannot listen on {host}:{port}: {why}") from None
        calls.setblocking(False)
        calls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each POST waits 40 ms
        holder: Any = SocketHolder(calls.fileno(), False, self.backlog)  # type: ignore[call-arg]
        self._ssp, self._shd, self._sso = None, holder, calls

    def _spawn_worker(self, *args: Any, **options: Any) -> WorkerProcess:
        worker = super()._spawn_worker(*args, **options)
        start = worker.start

        def start_and_wait() -> None:
            start()  # type: ignore[no-untyped-call]
            while worker.inner.is_alive() and not self._reader.poll(0.02):
                if self.interrupt_signal:
                    worker.terminate()  # type: ignore[no-untyped-call]
            if self._reader.poll():
                self.trouble = self._reader.recv()

        worker.start = start_and_wait  # type: ignore[method-assign]
        return worker

    def _spawn_workers(self, *args: Any) -> None:
        super()._spawn_workers(*args)  # type: ignore[no-untyped-call]
        host, path = LOOPBACK_OF.get(self.bind_addr, self.bind_addr), self._config.base_path
        while self.wrks[0].inner.is_alive():  # only once it serves can it be stopped in peace
            if _answers(host, self.bind_port, path + "robots.txt"):
                self.is_ready = self.respawn_failed_workers = True
                logging.getLogger("_granian").setLevel(logging.WARNING)
                shown = f"[{host}]" if ":" in host else host
                click.echo(f"cocreate: ready at http://{shown}:{self.bind_port}{path}")
                return
            time.sleep(0.02)


def run(config: Config, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        ConfigError: keys, database or catalogues that cannot work.
        ServerError: the port is taken, or the site fails to load.
    """
    server = Server(config, host, port)
    try:
        server.run()
    except SystemExit:
        if server.interrupt_signal:
            return
        if server.trouble:
            raise ConfigError(server.trouble) from None
        if not server.is_ready:
            raise ServerError("the site could not be loaded; the lines above say why") from None
        raise


def load(config: Config, report: Connection) -> WSGIApplication:
    """:func:`make_application` in granian's worker; says to the parent how it went."""
    for one in (signal.SIGINT, signal.SIGTERM):  # granian's own wait only for a loaded site
        signal.signal(one, signal.SIG_DFL)
    try:
        application = make_application(config)
    except ConfigError as error:
        report.send(str(error))
        sys.exit(2)
    report.send("")
    return application


def make_application(config: Config) -> WSGIApplication:
    """The live site, its mail being sent beside it."""
    gc.disable()  # importing and rendering make next to no garbage
    prepared = prepare_aside(config)  # meanwhile, the imports: most of a second on the other core
    from cocreate.app import create_app
    from cocreate.mail import worker
    from cocreate.serve.accesslog import AccessLog
    from cocreate.serve.prerendered import Front

    app = create_app(prepared())
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]  # WSGI servers put the environment, secrets and all, into each request
    front = Front(app, AccessLog(sys.stdout), senders=THREADS - 2)
    gc.freeze()  # all of it stays: the collector need not look at it again
    gc.set_threshold(20_000)  # a request makes thousands of objects and hardly any cycle
    gc.enable()
    stop = threading.Event()
    mailer = threading.Thread(target=worker.run_worker, args=(app, stop), name="mail", daemon=True)
    mailer.start()
    threading.Thread(target=_flush_regularly, args=(stop,), daemon=True).start()
    threading.Thread(target=front.pack, daemon=True).start()
    # granian ends its worker without atexit; multiprocessing's own hook is called.
    Finalize(None, _wind_up, args=(stop, mailer), exitpriority=10)
    return front


def prepare_aside(config: Config) -> Callable[[], Config]:
    """Begin :func:`cocreate.storage.keys.prepare` in a process that ends, come what may.

    Migrations need 10 MB of libraries that nothing needs afterwards. What is returned waits for
    the settings.
    """
    fork = multiprocessing.get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    process = fork.Process(target=_prepare, args=(config, writer))
    process.start()
    writer.close()

    def prepared() -> Config:
        found: Config | ConfigError = reader.recv()  # EOFError: the process has said why it failed
        process.join()
        if isinstance(found, ConfigError):
            raise found
        return found

    return prepared


def _prepare(config: Config, answer: Connection) -> None:
    from cocreate.storage import keys

    try:
        answer.send(keys.prepare(config))
    except ConfigError as error:
        answer.send(error)


def _wind_up(stop: threading.Event, mailer: threading.Thread) -> None:
    stop.set()
    mailer.join(PATIENCE)
    sys.stdout.flush()


def _flush_regularly(stop: threading.Event) -> None:
    """The log is written in blocks, and seen within a second."""
    while not stop.wait(1):
        sys.stdout.flush()


def _answers(host: str, port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection(host, port, timeout=1)) as ours, suppress(OSError):
        ours.request("HEAD", path)
        return ours.getresponse().status == 200
    return False
