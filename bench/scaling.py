"""The cost model of docs/scaling.md from what stands in docs/results: `python -m bench.scaling`.

Nothing is measured here. The tables between the document's marks are written anew.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
PARTITIONS_STEP = 12
HEADROOM = 2
"""Capacity over load: what was missed in an hour is taken in the next."""
HEARD = 1.2
"""Receivers that hear a report; an estimate."""
DAY_S = 86_400
ROW_DAYS, BLOCK_DAYS, LOG_DAYS, COPIES = 30, 720, 7, 3

_ROW = re.compile(r"^\| (.+?) \| (-?[\d,.e+]+) \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a core that a message costs, by stage; `live` where batches are small.

    `cycle` is what one worker takes for a message by the clock, the store's answer included.
    """

    decode: float
    relay: float
    broker: float
    worker: float
    store: float
    live_relay: float
    live_broker: float
    live_worker: float
    live_store: float
    cycle: float

    def rate(self, workers: int, cores: int) -> float:
        """Messages/s of so many workers that share so many cores with store and broker.

        Workers do not wait for each other; once the cores are full more of them add nothing.
        """
        return min(workers / self.cycle, cores / (self.worker + self.store + self.broker))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes: of a message in Kafka and in the write-ahead log, of a position as row and as block.

    `positions`: share of the messages that are positions. `compact`: positions/s made blocks.
    """

    log: float
    wal: float
    row: float
    block: float
    positions: float
    compact: float


def reports_per_s(vessels: float, under_way: float, class_b: float) -> float:
    """What so many vessels make receivers say, by the reporting intervals of ITU-R M.1371-5.

    Class A 10 s under way up to 14 kn, class B 30 s; both 180 s at rest; static data every 360 s.
    """
    moving = (1 - class_b) / 10 + class_b / 30
    return HEARD * vessels * (under_way * moving + (1 - under_way) / 180 + 1 / 360)


def figures(name: str) -> dict[str, float]:
    """The rows of a results' table; of those with one name the first."""
    found: dict[str, float] = {}
    for what, value in _ROW.findall((DOCS / "results" / f"{name}.md").read_text("utf-8")):
        found.setdefault(what, float(value.replace(",", "")))
    return found


def costs_of(
    stream: Mapping[str, float], live: Mapping[str, float], relay: Mapping[str, float]
) -> Costs:
    """The model's figures from the three tables."""
    return Costs(
        decode=1 / relay["decode alone, by processor time"],
        relay=1 / relay["whole: file to the broker's answer, by processor time"],
        broker=1 / stream["1 worker: broker, of a core"],
        worker=1 / stream["1 worker: workers, of a core"],
        store=1 / stream["1 worker: PostgreSQL, of a core"],
        live_relay=live["relay, processor of a message, live"] / 1e6,
        live_broker=live["broker, processor of a message, live"] / 1e6,
        live_worker=live["worker, processor of a message, live"] / 1e6,
        live_store=live["PostgreSQL, processor of a message, live"] / 1e6,
        cycle=stream["profile: by the clock"] / 1e6,
    )


def sizes_of(stream: Mapping[str, float], compaction: Mapping[str, float]) -> Sizes:
    """Bytes from the two tables."""
    one = stream["1 worker, persisted and checked"] / stream["1 worker, all messages"]
    return Sizes(
        log=stream["a message in Kafka, on the broker's disk"],
        wal=stream["write-ahead log of a message"],
        row=next(value for what, value in compaction.items() if what.startswith("rows: ")),
        block=compaction["blocks, every fix"],
        positions=one,
        compact=compaction["compacted and proved"],
    )


def stages(costs: Costs) -> str:
    """What a message costs at each stage."""
    lines = ["| stage | taking a backlog, µs | messages/s of a core | live at 2 000/s, µs |"]
    lines.append("|---|---:|---:|---:|")
    for name, cost, live in (
        ("decoding (part of the relay)", costs.decode, None),
        ("relay, decoding included", costs.relay, costs.live_relay),
        ("broker", costs.broker, costs.live_broker),
        ("worker", costs.worker, costs.live_worker),
        ("PostgreSQL", costs.store, costs.live_store),
    ):
        lately = "" if live is None else f"{live * 1e6:.0f}"
        lines.append(f"| {name} | {cost * 1e6:.1f} | {1 / cost:,.0f} | {lately} |")
    return "\n".join(lines)


def checked(costs: Costs, stream: Mapping[str, float], cores: int = 2) -> str:
    """The model against the runs with one, two and four workers."""
    lines = [f"| workers on {cores} cores | predicted, messages/s | measured | deviation |"]
    lines.append("|---:|---:|---:|---:|")
    for count in (1, 2, 4):
        told = costs.rate(count, cores)
        found = stream[f"{count} worker{'s' if count > 1 else ''}, all messages"]
        lines.append(f"| {count} | {told:,.0f} | {found:,.0f} | {told / found - 1:+.0%} |")
    return "\n".join(lines)


def scales(costs: Costs, sizes: Sizes) -> str:
    """What three districts, the delta and the country need.

    By the costs of live traffic, where each message of a batch is another vessel's, as in a large
    fleet; and as if a worker did nothing while the store works.
    """
    rates = {
        "three districts": 500.0,
        "the delta": 7_000.0,
        "the country, a third under way": reports_per_s(1e6, 1 / 3, 0.5),
        "the country, two thirds under way": reports_per_s(1e6, 2 / 3, 0.5),
    }
    lines: list[list[str]] = [["", *rates], ["---", *["---:"] * len(rates)]]
    rows: dict[str, list[str]] = {}

    def put(what: str, said: str) -> None:
        rows.setdefault(what, []).append(said)

    for rate in rates.values():
        peak, positions = HEADROOM * rate, rate * sizes.positions
        workers = max(2, ceil(peak * (costs.live_worker + costs.live_store)))
        put("messages/s", f"{rate:,.0f}")
        put("relays: cores, live", f"{rate * costs.live_relay:.2f}")
        put("broker: cores, live", f"{rate * costs.live_broker:.2f}")
        put("workers for twice the load", f"{workers}")
        put("their cores", f"{peak * costs.live_worker:.1f}")
        put("partitions", f"{PARTITIONS_STEP * ceil(2 * workers / PARTITIONS_STEP)}")
        put("PostgreSQL: cores for twice the load", f"{peak * costs.live_store:.1f}")
        put("PostgreSQL: write-ahead log, MB/s at least", f"{rate * sizes.wal / 1e6:.1f}")
        put(
            f"Kafka, {LOG_DAYS} days, {COPIES} copies, GB", _gb(rate * sizes.log, LOG_DAYS * COPIES)
        )
        put(f"rows, {ROW_DAYS} days, GB", _gb(positions * sizes.row, ROW_DAYS))
        put(f"blocks, {BLOCK_DAYS} days, GB", _gb(positions * sizes.block, BLOCK_DAYS))
        put("hours that a day's compaction takes", f"{positions * 24 / sizes.compact:.1f}")
    lines += [[what, *said] for what, said in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _gb(bytes_s: float, days: float) -> str:
    return f"{bytes_s * DAY_S * days / 1e9:,.0f}"


def filled(text: str, tables: Mapping[str, str]) -> str:
    """The document with its tables between `<!-- name -->` and `<!-- /name -->`."""
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, _, rest = text.partition(begin)
        _, mark, tail = rest.partition(end)
        if not mark:
            raise ValueError(f"no {begin.strip()} … {end} in the document")
        text = f"{head}{begin}{table}\n{end}{tail}"
    return text


def main() -> int:
    """Write the document's tables."""
    stream = figures("stream")
    costs = costs_of(stream, figures("stream-memory"), figures("relay"))
    sizes = sizes_of(stream, figures("compaction"))
    page = DOCS / "scaling.md"
    tables = {
        "stages": stages(costs),
        "checked": checked(costs, stream),
        "scales": scales(costs, sizes),
    }
    page.write_text(filled(page.read_text("utf-8"), tables), encoding="utf-8")
    print("\n\n".join(tables.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
