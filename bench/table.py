"""Rows of measurements, printed and written as Markdown."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.clock import utc_now

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `ratio` compares it with a baseline of the same run."""

    what: str
    value: float
    unit: str
    ratio: str = ""
    aim: str = ""


def percentiles(what: str, values: Sequence[float], unit: str, aim: str = "") -> list[Row]:
    """Median, p95 and maximum, each a row; the aim stands with p95."""
    p50, p95, top = np.percentile(values, [50, 95, 100])
    return [
        Row(f"{what}, p50 of {len(values)}", float(p50), unit),
        Row(f"{what}, p95", float(p95), unit, aim=aim),
        Row(f"{what}, maximum", float(top), unit),
    ]


def markdown(title: str, rows: Sequence[Row]) -> str:
    """A page with the machine it was measured on."""
    lines = [
        f"# {title}",
        "",
        f"{utc_now():%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()},"
        f" Python {platform.python_version()}.",
        "",
        "| what | figure | unit | ratio | aim |",
        "|---|---:|---|---|---|",
    ]
    lines += [f"| {r.what} | {_number(r.value)} | {r.unit} | {r.ratio} | {r.aim} |" for r in rows]
    return "\n".join(lines) + "\n"


def publish(name: str, title: str, rows: Sequence[Row]) -> None:
    """Print the table and keep it under `docs/results/`."""
    page = markdown(title, rows)
    print(page)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.md").write_text(page, encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
