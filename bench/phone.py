"""What a first visit feels like on a phone: Chromium slowed down as Lighthouse slows it down.

Slow 4G is 1.6 Mbit/s and 150 ms there and back; the processor is four times slower. Chromium delays
each request but not the connection before it, so the first figure is for a connection that stands.
The second one uses what Lighthouse gives DevTools to stand for name, TCP and TLS: 562.5 ms for each
request and a tenth less throughput. It counts a connection for each request and is a bound from
above, without a budget.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from machine import COCREATE, server
from processes import free_port
from report import Row
from weight import FORM, heaviest_by_language

RUNS = 3
MEGABIT = 1_000_000 / 8  # bytes
NETWORKS = {"150 ms a request": (150, 1.6), "562 ms a request": (562.5, 1.44)}
FLAGS = "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
# The largest paint so far and the sum of all shifts, once nothing has happened for a while.
VITALS = """
const done = arguments[arguments.length - 1];
const loaded = performance.getEntriesByType('resource').length;
const found = {lcp: 0, cls: 0, requests: 1 + loaded};
const watch = (type, note) => new PerformanceObserver(
  list => list.getEntries().forEach(note)).observe({type, buffered: true});
watch('largest-contentful-paint', entry => { found.lcp = entry.startTime; });
watch('layout-shift', entry => { found.cls += entry.value; });
setTimeout(() => done(found), 500);
"""


def browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in FLAGS.split():
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))


def visit(driver: webdriver.Chrome, address: str, latency: float, megabits: float) -> Any:
    """Load ``address`` with an empty cache: ``lcp`` in milliseconds, ``cls``, ``requests``."""
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    down = megabits * MEGABIT
    speed = {"latency": latency, "downloadThroughput": down, "uploadThroughput": down / 2}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False} | speed)
    driver.get(address)
    return driver.execute_async_script(VITALS)


def measure(folder: Path, frozen: Path) -> Iterator[Row]:
    """The slowest of each language's heaviest reading page and form page, median of runs."""
    pages = heaviest_by_language(frozen)
    port = free_port()
    env = {"COCREATE_DATA_DIR": str(folder / "phone")}
    shifts, requests = [0.0], [0]
    with server([COCREATE, "serve", "--port", port], port, env), browser() as driver:
        screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
        driver.execute_cdp_cmd("Network.enable", {})
        for network, (latency, megabits) in NETWORKS.items():
            paints = {}
            for page in pages:
                address = f"http://127.0.0.1:{port}/{page}/"
                runs = [visit(driver, address, latency, megabits) for _ in range(RUNS)]
                paints[page] = statistics.median(run["lcp"] for run in runs) / 1000
                shifts += [run["cls"] for run in runs]
                requests += [run["requests"] for run in runs if not FORM.search(page)]
            worst = max(paints, key=lambda page: paints[page])
            what = f"largest paint on a slow 4G phone, {network} ({worst}), s"
            yield {"what": what, "is": paints[worst]} | ({"at_most": 1.5} if latency == 150 else {})
    yield {"what": "requests of a reading page, the most", "is": max(requests), "at_most": 3}
    what = "layout shift on that phone, the worst, to hundredths"
    yield {"what": what, "is": round(max(shifts), 2), "at_most": 0}
