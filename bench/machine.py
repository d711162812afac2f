"""Processes, cores and load: servers on the first core, everything that asks on the second."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from processes import ask

HERE = Path(__file__).parent
COCREATE = Path(sys.executable).with_name("cocreate")
CONNECTIONS = 32
PATIENCE = 30  # seconds


def on_core(core: int, command: Sequence[object]) -> list[str]:
    """``command`` kept to one core; on a machine with one, everything shares it."""
    core = min(core, (os.cpu_count() or 1) - 1)
    return ["taskset", "-c", str(core), *map(str, command)]


@contextmanager
def server(
    command: Sequence[object], port: int, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A server on the first core, until it answers and as long as it is needed."""
    command, env = on_core(0, command), os.environ | env
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=complaints) as process,
    ):
        try:
            began = time.monotonic()
            while not answers(port):
                if process.poll() is not None or time.monotonic() > began + PATIENCE:
                    complaints.seek(0)
                    said = complaints.read().decode().strip().rpartition("\n")[2]
                    raise RuntimeError(f"{command[-2]} does not answer: {said}")
                time.sleep(0.01)
            yield process
        finally:
            process.terminate()


def answers(port: int) -> bool:
    """Whether anything is answered on ``port``."""
    try:
        return bool(ask(port, "/robots.txt", "HEAD"))
    except OSError:
        return False


def wrk(
    port: int,
    path: str,
    seconds: int,
    *options: object,
    connections: int = CONNECTIONS,
    **script: str,
) -> dict[str, float]:
    """Requests a second, and the median and 99th percentile of latency in milliseconds.

    Args:
        port: of the server.
        path: what to ask for.
        seconds: how long.
        options: more of wrk's.
        connections: at once.
        script: variables of ``load.lua``.
    """
    lua = ["-s", HERE / "load.lua"] if script else []
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *lua, *options]
    command = on_core(1, [*command, f"http://127.0.0.1:{port}{path}"])
    env = os.environ | script
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{path}: {said}")
    found = {
        "rate": float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]),
        "requests": float(re.findall(r"(\d+) requests in", said)[0]),
    }
    if not found["requests"]:
        raise RuntimeError(f"{path}: not one request was answered")
    for percentile in ("50", "99"):
        number, unit = re.findall(rf"{percentile}%\s+([\d.]+)(us|ms|s)\b", said)[0]
        found[f"p{percentile}"] = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return found


def half_load(
    port: int, path: str, rate: float, *options: object, **script: str
) -> dict[str, float]:
    """:func:`wrk` at about half of ``rate``: each connection pauses between its requests."""
    connections = 64
    script["BENCH_PAUSE"] = str(max(1, round(connections / (rate / 2) * 1000)))
    options = (*options, "--timeout", "10s")
    return wrk(port, path, 4, *options, connections=connections, **script)


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
    return own + sum(map(processor_time, children_of(process)))


def resident(process: int) -> int:
    """Bytes in memory of a process and its children."""
    status = Path(f"/proc/{process}/status").read_text()
    own = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024
    return own + sum(map(resident, children_of(process)))


def children_of(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text()
    return list(map(int, children.split()))


def in_turns(rounds: int, contestants: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Median of each contestant's figures, measured in turns so that a busy moment hits all."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in contestants.items():
            figures[name].append(measure())
    return {name: statistics.median(found) for name, found in figures.items()}
