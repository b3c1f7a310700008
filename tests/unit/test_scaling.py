"""The cost model of docs/scaling.md: its arithmetic, and that it can still read the results."""

import pytest

from bench.scaling import (
    DOCS,
    Costs,
    Sizes,
    checked,
    costs_of,
    figures,
    filled,
    reports_per_s,
    scales,
    sizes_of,
    stages,
)

COSTS = Costs(
    decode=15e-6,
    relay=30e-6,
    broker=1e-6,
    worker=14e-6,
    store=10e-6,
    live_relay=30e-6,
    live_broker=20e-6,
    live_worker=40e-6,
    live_store=30e-6,
    cycle=20e-6,
)
SIZES = Sizes(log=200, wal=300, row=180, block=15, positions=0.9, compact=40_000)


def test_workers_add_up_until_the_cores_are_full() -> None:
    rates = [COSTS.rate(count, 2) for count in (1, 2, 4)]
    assert rates == pytest.approx([50_000, 80_000, 80_000])
    assert COSTS.rate(4, 8) == pytest.approx(200_000)


def test_a_vessel_reports_as_often_as_its_class_asks() -> None:
    assert reports_per_s(1, under_way=1, class_b=0) == pytest.approx(1.2 * (1 / 10 + 1 / 360))
    assert reports_per_s(1, under_way=1, class_b=1) == pytest.approx(1.2 * (1 / 30 + 1 / 360))
    assert reports_per_s(1000, under_way=0, class_b=0.5) == pytest.approx(1.2 * 1000 / 120)


def test_what_a_scale_needs() -> None:
    table = dict(line.strip("| ").split(" | ", 1) for line in scales(COSTS, SIZES).splitlines())
    delta = {what: said.split(" | ")[1] for what, said in table.items() if " | " in said}
    assert delta["messages/s"] == "7,000"
    assert delta["workers for twice the load"] == "2"  # 14 000/s at 70 µs
    assert delta["their cores"] == "0.6"
    assert delta["rows, 30 days, GB"] == "2,939"  # 7 000 · 0.9 · 180 B · 30 d
    assert delta["Kafka, 7 days, 3 copies, GB"] == "2,540"
    assert delta["hours that a day's compaction takes"] == "3.8"


def test_the_deviation_is_told() -> None:
    found = {"1 worker, all messages": 40_000.0, "2 workers, all messages": 100_000.0}
    table = checked(COSTS, {**found, "4 workers, all messages": 64_000.0})
    assert [line.split(" | ")[-1] for line in table.splitlines()[2:]] == [
        "+25% |",
        "-20% |",
        "+25% |",
    ]


def test_the_results_can_be_read_and_the_document_filled() -> None:
    stream = figures("stream")
    costs = costs_of(stream, figures("stream-memory"), figures("relay"))
    sizes = sizes_of(stream, figures("compaction"))
    assert 0 < sizes.block < sizes.row
    tables = {
        "stages": stages(costs),
        "checked": checked(costs, stream),
        "scales": scales(costs, sizes),
    }
    page = filled((DOCS / "scaling.md").read_text("utf-8"), tables)
    assert all(table in page for table in tables.values())
    assert filled(page, tables) == page


def test_a_document_without_the_mark_is_said() -> None:
    with pytest.raises(ValueError, match="no <!-- stages -->"):
        filled("# nothing here", {"stages": ""})
