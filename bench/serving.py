"""How fast pages and sign-ups are answered, against others under the same conditions."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from machine import (
    COCREATE,
    HERE,
    ask,
    capacity,
    children_of,
    half_load,
    in_turns,
    on_core,
    resident,
    server,
    wrk,
)
from processes import free_port
from report import Row

PAGE = "/en/stack/"
GZIP = ("-H", "Accept-Encoding: gzip")
NGINX = """
daemon off; pid {folder}.pid; error_log /dev/null; worker_processes 1; {user}
events {{}}
http {{
    access_log off; sendfile on; open_file_cache max=1000; keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port}; root {folder}; include {folder}/_hosting/nginx.conf; }}
}}
"""
FORM = urlencode(
    {
        "name": "Tan Ah Kow",
        "role": "developer",
        "interests": "open-source",
        "mail_language": "en",
        "consent": "yes",
    }
)
FORM_HEADERS = {
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/x-www-form-urlencoded",
}
# A mail server that refuses at once: the outbox fills, and mail costs the measurement nothing.
QUIET_MAIL = {"COCREATE_MAIL_URL": "smtp://127.0.0.1:1", "COCREATE_MAIL_BACKOFF": "86400"}
NO_LIMITS = {"COCREATE_JOIN_LIMIT": "100000000 per hour", "COCREATE_MAIL_LIMIT": "1000 per day"}


def pages(folder: Path, frozen: Path) -> list[Row]:
    """Our page against bare Flask, nginx and WhiteNoise: one worker on one core each."""
    with ExitStack() as stack:
        ports = {name: free_port() for name in ("cocreate", "nginx", "hello", "whitenoise")}
        ours = [COCREATE, "serve", "--port", ports["cocreate"]]
        env = {"COCREATE_DATA_DIR": str(folder / "data"), "BENCH_FOLDER": str(frozen)}
        conf = folder / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        conf.write_text(NGINX.format(folder=frozen, port=ports["nginx"], user=user))
        commands: dict[str, list[object]] = {
            name: [sys.executable, HERE / "apps.py", name, ports[name]]
            for name in ("hello", "whitenoise")
        } | {"cocreate": ours, "nginx": ["nginx", "-c", conf, "-e", "/dev/null"]}
        running = {
            name: stack.enter_context(server(command, ports[name], env)).pid
            for name, command in commands.items()
        }
        paths = dict.fromkeys(ports, PAGE) | {"hello": "/"}
        contestants = {
            name: partial(capacity, running[name], ports[name], paths[name], 2, *GZIP)
            for name in ports
        }
        rates = in_turns(5, contestants)
        wall = wrk(ports["cocreate"], PAGE, 2, *GZIP)["rate"]
        tail = half_load(ports["cocreate"], PAGE, wall, *GZIP)
    ours_rate = rates["cocreate"]
    return [
        {"what": "page, requests a second of one core", "is": ours_rate},
        {"what": "page ÷ bare Flask", "is": ours_rate / rates["hello"], "at_least": 4},
        {"what": "page ÷ nginx", "is": ours_rate / rates["nginx"], "at_least": 0.6},
        {"what": "page ÷ WhiteNoise", "is": ours_rate / rates["whitenoise"], "at_least": 1},
        {"what": "page at half load, p99 ÷ p50", "is": tail["p99"] / tail["p50"], "at_most": 5},
        {"what": "page at half load, p99 in ms", "is": tail["p99"]},
    ]


def joins(folder: Path) -> list[Row]:
    """Sign-ups over HTTP against the same function called without a web, each kept on disk."""
    port, path = free_port(), "/en/join/stack/"
    env = QUIET_MAIL | NO_LIMITS | {"COCREATE_DATA_DIR": str(folder / "joins")}

    def without_web() -> float:
        command = on_core(0, [sys.executable, HERE / "apps.py", "join", 3])
        there = os.environ | env | {"COCREATE_DATA_DIR": str(folder / "raw")}
        done = subprocess.run(command, env=there, capture_output=True, text=True, check=True)
        return float(done.stdout)

    def over_http() -> float:
        return wrk(port, path, 3, connections=8, BENCH_FORM=FORM)["rate"]

    with server([COCREATE, "serve", "--port", port], port, env):
        rates = in_turns(5, {"web": over_http, "raw": without_web})
        tail = half_load(port, path, rates["web"], BENCH_FORM=FORM)
    ratio = rates["web"] / rates["raw"]
    return [
        {"what": "sign-ups a second over HTTP", "is": rates["web"]},
        {"what": "sign-ups ÷ the same without a web", "is": ratio, "at_least": 0.5},
        {"what": "sign-ups at half load, p99 ÷ p50", "is": tail["p99"] / tail["p50"], "at_most": 6},
    ]


def frozen(folder: Path) -> list[Row]:
    """Reading while another program holds the database's lock and 20 people wait to join."""
    port, data = free_port(), folder / "frozen-database"
    over = threading.Event()

    def keep_joining(number: int) -> None:
        form = f"{FORM}&email=frozen{number}%40example.org"
        while not over.is_set():
            ask(port, "/en/join/stack/", "POST", FORM_HEADERS, form)
            over.wait(1)  # whoever is refused waits before the next try

    with server([COCREATE, "serve", "--port", port], port, {"COCREATE_DATA_DIR": str(data)}):
        rate = wrk(port, PAGE, 2, *GZIP)["rate"]
        usual = half_load(port, PAGE, rate, *GZIP)["p99"]
        joiners = [threading.Thread(target=keep_joining, args=(number,)) for number in range(20)]
        with closing(sqlite3.connect(data / "cocreate.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for joiner in joiners:
                joiner.start()
            time.sleep(1)
            then = half_load(port, PAGE, rate, *GZIP)["p99"]
            health = 0.0
            for _ in range(50):
                began = time.perf_counter()
                ask(port, "/healthz")
                health = max(health, time.perf_counter() - began)
            over.set()
        for joiner in joiners:
            joiner.join()
    name = "database frozen, 20 joins waiting"
    return [
        {"what": f"p99 of a page, {name} ÷ usual", "is": then / usual, "at_most": 5},
        {"what": f"/healthz, {name}, the longest, seconds", "is": health, "at_most": 0.2},
    ]


def reload(process: int) -> float:
    """Seconds from the signal until only a new worker is left; the old one answers meanwhile."""
    old, began = set(children_of(process)), time.perf_counter()
    os.kill(process, signal.SIGHUP)
    while not (now := set(children_of(process))) or now & old:
        if time.perf_counter() - began > 60:
            raise RuntimeError("no new worker after a minute")
        time.sleep(0.01)
    return time.perf_counter() - began


def start(folder: Path) -> list[Row]:
    """From the command to the first answer, and what it then holds in memory."""
    seconds, memory, reloads = [], [], []
    for number in range(3):
        port, began = free_port(), time.perf_counter()
        env = {"COCREATE_DATA_DIR": str(folder / f"start{number}")}
        with server([COCREATE, "serve", "--port", port], port, env) as process:
            seconds.append(time.perf_counter() - began)
            wrk(port, PAGE, 1)
            memory.append(resident(process.pid) / 2**20)
            reloads.append(reload(process.pid))
    return [
        {"what": "start, seconds (with a new database)", "is": median(seconds), "at_most": 3},
        {"what": "reload of the pages, seconds", "is": median(reloads), "at_most": 3},
        {"what": "resident memory, MB", "is": median(memory), "at_most": 160},
    ]
