"""The live site under granian: one worker process, mail sent beside it, an access log.

One writer has the shortest tail (p99 17 ms against 110 ms for two workers with four threads), and
reading needs no second: docs/performance.md. Granian's worker is used as it comes; the loop that
starts, watches and replaces it is ours, so that a site that fails to load never ends one that runs.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from functools import partial
from multiprocessing.connection import Connection
from typing import Any
from wsgiref.types import WSGIApplication

import click
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from cocreate.config import Config, ConfigError
from cocreate.serve.accesslog import log_to_stderr

log = logging.getLogger(__name__)

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where "all" is asked
THREADS = 24  # some are in Flask, the others wait for slow senders; two are for readers
SHUTDOWN_TIMEOUT = 30  # seconds for a worker to finish what it is answering
IDLE_TIMEOUT = 10  # seconds for a caller to send its request, the next one too
CONNECTIONS = 8192  # open at once; most of them idle
LONGEST_PAUSE = 30.0  # seconds between two tries to replace a worker that died
STOP, RELOAD = {signal.SIGINT, signal.SIGTERM}, {signal.SIGHUP}
SIGNALS = STOP | RELOAD


class ServerError(Exception):
    """The server could not run. Its text is one line."""


class Server(MPServer):
    """Granian's listening and its worker, under a loop of our own."""

    def __init__(self, config: Config, host: str, port: int) -> None:
        super().__init__(
            "cocreate",
            host,
            port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,  # what proxies speak to us
            http1_settings=HTTP1Settings(header_read_timeout=IDLE_TIMEOUT * 1000),
            blocking_threads=THREADS,
            backlog=1024,
            backpressure=CONNECTIONS,
            log_level=LogLevels.critical,
        )
        self._config = config
        self._signals: set[int] = set()  # the signals that have come

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        """Granian's main loop: called by :meth:`serve`, once all options are checked."""
        self._init_shared_socket()
        self._start_ipc()  # type: ignore[no-untyped-call]
        worker = self._load(spawn_target, require_database=True)
        if worker:
            host = LOOPBACK_OF.get(self.bind_addr, self.bind_addr)
            shown = f"[{host}]" if ":" in host else host
            click.echo(
                f"cocreate: ready at http://{shown}:{self.bind_port}{self._config.base_path}"
            )
        pause = next_try = 0.0
        while worker and not self._signals & STOP:
            self._take_signals(0.2)
            died = not worker.inner.is_alive()
            if self._signals & RELOAD or (died and time.monotonic() > next_try):
                self._signals -= RELOAD
                pause = min(LONGEST_PAUSE, max(0.5, 2 * pause)) if died else 0.0
                next_try = time.monotonic() + pause
                worker = self._replace(worker, spawn_target)
        if worker:
            _stop(worker)
        self._drop_shared_socket()  # type: ignore[no-untyped-call]

    def _replace(self, old: WorkerProcess, spawn_target: Any) -> WorkerProcess:
        """A new worker in place of ``old``, which goes on where the new one fails to load."""
        try:
            new = self._load(spawn_target, require_database=False)
        except (ConfigError, ServerError) as error:
            goes_on = "the one before goes on" if old.inner.is_alive() else "tried again soon"
            log.error("server: not loaded: %s; %s", error, goes_on)
            return old
        if new is None:  # told to stop meanwhile
            return old
        _stop(old)
        return new

    def _load(self, spawn_target: Any, *, require_database: bool) -> WorkerProcess | None:
        """A worker that has loaded the site; None where we are told to stop meanwhile."""
        reader, writer = multiprocessing.Pipe(duplex=False)
        loader = partial(load, self._config, writer, require_database=require_database)
        worker = self._spawn_worker(0, spawn_target, loader)
        worker.start()  # type: ignore[no-untyped-call]
        writer.close()
        while not reader.poll(0.02):
            self._take_signals(0)
            if self._signals & STOP:
                _stop(worker)
                return None
        try:
            problem = reader.recv()
        except EOFError:
            raise ServerError("the site could not be loaded; the lines above say why") from None
        if problem:
            raise ConfigError(problem)
        return worker

    def _take_signals(self, seconds: float) -> None:
        """Wait for a signal and note it. None is lost, whenever it comes: they are blocked."""
        if taken := signal.sigtimedwait(SIGNALS, seconds):
            self._signals.add(taken.si_signo)

    def _init_shared_socket(self) -> None:
        """One queue of callers for all workers: granian's own cuts callers off at a reload."""
        host, port, is_v6 = self.bind_addr, self.bind_port, ":" in self.bind_addr
        try:
            calls = socket.create_server(
                (host, port),
                family=socket.AF_INET6 if is_v6 else socket.AF_INET,
                dualstack_ipv6=is_v6 and socket.has_dualstack_ipv6(),
                backlog=self.backlog,
            )
        except OSError as error:
            why = str(error.strerror).partition(" (while")[0]
            raise ServerError(f"cannot listen on {host}:{port}: {why}") from None
        calls.setblocking(False)
        calls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each POST waits 40 ms
        # A caller is accepted with its first byte: who says nothing costs us nothing (tcp(7)).
        calls.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, IDLE_TIMEOUT)
        holder: Any = SocketHolder(calls.fileno(), False, self.backlog)  # type: ignore[call-arg]
        self._ssp, self._shd, self._sso = None, holder, calls


def _stop(worker: WorkerProcess) -> None:
    """End a worker once it has answered what is under way."""
    end = time.monotonic() + SHUTDOWN_TIMEOUT
    while worker.inner.is_alive():
        if time.monotonic() > end:
            log.warning("server: a worker did not stop within %s s, killed", SHUTDOWN_TIMEOUT)
            worker.kill()  # type: ignore[no-untyped-call]
        worker.terminate()  # type: ignore[no-untyped-call]  # again: granian may miss the first one
        worker.join(1)  # type: ignore[no-untyped-call]
        time.sleep(0.01)  # granian's own thread may have the exit code, and not yet noted it


def run(config: Config, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP renders the site anew.

    Raises:
        ConfigError: keys, database or catalogues that cannot work.
        ServerError: the port is taken, or the site fails to load.
    """
    log_to_stderr(config.log_format)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < CONNECTIONS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(CONNECTIONS + 256, hard), hard))
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # taken one by one, in _take_signals
    Server(config, host, port).serve()


def load(config: Config, report: Connection, *, require_database: bool) -> WSGIApplication:
    """The application, made in granian's worker; says to the parent how it went."""
    from cocreate.serve.application import make_application  # the parent needs none of it

    log_to_stderr(config.log_format)
    for one in SIGNALS:  # granian's own handlers wait only for a loaded site
        signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the parent's business
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        application = make_application(
            config, require_database=require_database, threads=THREADS, patience=SHUTDOWN_TIMEOUT
        )
    except ConfigError as error:
        report.send(str(error))
        sys.exit(2)
    report.send("")
    report.close()
    return application


def _end_with_parent() -> None:
    """A parent that was killed must not leave a worker that holds the port."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
