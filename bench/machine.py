"""Processes, cores and load: servers on the first core, everything that asks on the second."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

HERE = Path(__file__).parent
CONNECTIONS = 32


class NoAnswerError(Exception):
    """A server that ended, or was not there in time."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_core(core: int, command: Sequence[object]) -> list[str]:
    """``command`` kept to one core; on a machine with one, everything shares it."""
    core = min(core, (os.cpu_count() or 1) - 1)
    return ["taskset", "-c", str(core), *map(str, command)]


@contextmanager
def server(
    command: Sequence[object],
    port: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server on the first core, until it answers and as long as it is needed."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            on_core(0, command),
            env=os.environ | dict(env or {}),
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        try:
            wait_for(port, process)
            yield process
        except NoAnswerError as error:
            complaints.seek(0)
            last = complaints.read().decode().strip().rpartition("\n")[2]
            raise RuntimeError(f"{command[-2]} does not answer: {last or error}") from None
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], patience: float = 30) -> float:
    """Seconds until anything is answered on ``port``."""
    began = time.perf_counter()
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("HEAD", "/robots.txt")
            connection.getresponse()
            connection.close()
            return time.perf_counter() - began
        except OSError:
            if process.poll() is not None or time.perf_counter() - began > patience:
                raise NoAnswerError("no answer") from None
            time.sleep(0.01)


def ask(
    port: int,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    form: str | None = None,
) -> int:
    """The status of one answer, on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, form, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status


def wrk(
    port: int, path: str, seconds: int, *options: object, connections: int = CONNECTIONS
) -> dict[str, float]:
    """Requests a second, and the median and 99th percentile of latency in milliseconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *options]
    command.append(f"http://127.0.0.1:{port}{path}")
    done = subprocess.run(on_core(1, command), capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"{path}: {done.stdout}")
    found = {
        "rate": float(re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)[0]),
        "requests": float(re.findall(r"(\d+) requests in", done.stdout)[0]),
    }
    if not found["requests"]:
        raise RuntimeError(f"{path}: not one request was answered")
    for percentile in ("50", "99"):
        number, unit = re.findall(rf"{percentile}%\s+([\d.]+)(us|ms|s)\b", done.stdout)[0]
        found[f"p{percentile}"] = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return found


def capacity(process: int, port: int, path: str, seconds: int, *options: object) -> float:
    """Requests for each second of processor time that the server spends: what one core can do.

    On a quiet machine this is the rate of a saturated core; on a busy one it does not count what
    other programs take away.
    """
    before = processor_time(process)
    requests = wrk(port, path, seconds, *options)["requests"]
    return requests / max(processor_time(process) - before, 1 / os.sysconf("SC_CLK_TCK"))


def processor_time(process: int) -> float:
    """Seconds of processor time of a process and its children, system calls included."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_time(child) for child in children_of(process))


def children_of(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def half_load(port: int, path: str, rate: float, *options: object) -> dict[str, float]:
    """:func:`wrk` at about half of ``rate``: each connection pauses between its requests."""
    connections = 64
    pause = max(1, round(connections / (rate / 2) * 1000))
    script = HERE / "load.lua"
    env_options = ["-s", script, *options, "--timeout", "10s"]
    os.environ["BENCH_PAUSE"] = str(pause)
    try:
        return wrk(port, path, 4, *env_options, connections=connections)
    finally:
        del os.environ["BENCH_PAUSE"]


def in_turns(rounds: int, contestants: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Median of each contestant's figures, measured in turns so that a busy moment hits all."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in contestants.items():
            figures[name].append(measure())
    return {name: statistics.median(found) for name, found in figures.items()}


def resident(process: int) -> int:
    """Bytes in memory of a process and its children."""
    status = Path(f"/proc/{process}/status").read_text()
    own = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024
    return own + sum(map(resident, children_of(process)))


def missing(*programs: str) -> list[str]:
    return [program for program in programs if shutil.which(program) is None]
