"""Figures and their budgets: a line each on the terminal, a table for docs/performance.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LATEST = Path(__file__).with_name("latest.json")  # what the last run found
SIGNS = {"at_least": "≥", "at_most": "≤"}

# "what" with "is" and perhaps a budget; or "what" with "lacking": why there is no figure.
Row = dict[str, Any]


def is_kept(row: Row) -> bool:
    """Whether the budget holds. A figure with a budget that could not be measured is a fault."""
    if "lacking" in row:
        return not budget(row)
    return bool(row.get("at_least", 0) <= row["is"] <= row.get("at_most", float("inf")))


def budget(row: Row) -> str:
    return next((f"{sign} {row[key]:,g}" for key, sign in SIGNS.items() if key in row), "")


def figure(row: Row) -> str:
    if "lacking" in row:
        return f"not measured: {row['lacking']}"
    return f"{row['is']:,.0f}" if abs(row["is"]) >= 100 else f"{row['is']:.2f}"


def line(row: Row) -> str:
    mark = "" if not budget(row) else ("ok" if is_kept(row) else "NOT KEPT")
    return f"{row['what']:<66} {figure(row):>10}  {budget(row):<9} {mark}".rstrip()


def save(machine: dict[str, str], rows: list[Row]) -> None:
    text = json.dumps({"machine": machine, "figures": rows}, indent=1, ensure_ascii=False)
    LATEST.write_text(text + "\n")


def table() -> str:
    """The last run in Markdown."""
    found = json.loads(LATEST.read_text())
    head = ", ".join(found["machine"].values()) + ".\n\n| what | figure | budget |\n|---|---|---|\n"
    return head + "\n".join(
        f"| {row['what']} | {figure(row)} | {budget(row)} |" for row in found["figures"]
    )
