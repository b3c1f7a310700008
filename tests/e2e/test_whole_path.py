"""From the sentence on the socket to list, map and bar: nothing lost, doubled or moved."""

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from console_process import Console
from ingest_process import free_port
from nmea import with_checksum
from playwright.sync_api import Browser, Page, expect
from processes import PATIENCE_S, Command, connected, fetch, load_layers, send
from rows import Barge, Rows
from sent import Place, Traffic, far_away, recorded
from sights import PATIENCE_MS, row, ticks_later, until
from watched import SEEN, OpenWatched, centre_at, lit, on_map, picture, watched

from bench.latency import dry_places
from layers.deck import VIEW

PART_TIMEOUT_S = 3
pytestmark = [pytest.mark.drawn, pytest.mark.timeout(900)]  # a busy machine draws slowly

ELSEWHERE = "域外"
WORDS = {
    "not_nmea": "不是 NMEA 报文",
    "truncated": "报文不完整",
    "checksum": "校验和错误",
    "empty_payload": "无载荷",
    "orphan_part": "分段缺失",
    "undecodable": "无法解码",
    "spoof_length": "报文长度异常",
    "mmsi": "MMSI 无效",
    "bad_position": "坐标无效",
    "dimensions": "船体尺度无效",
}


@pytest.fixture
def ingest(database_url: str, tmp_path: Path) -> Iterator[int]:
    """A running ingest with the packaged layers; the port on which it listens."""
    load_layers(database_url)
    port = free_port()
    command = Command(
        database_url,
        tmp_path / "ingest.log",
        *("ingest", "--listen", f"127.0.0.1:{port}", "--feed", "sea"),
        WHISTLE_PART_TIMEOUT_S=str(PART_TIMEOUT_S),
    )
    try:
        yield port
    finally:
        command.end()
        print(command.said())


@pytest.fixture
def own_watched(browser: Browser, ingest: int, own_console: Console) -> Iterator[OpenWatched]:
    """Closely watched pages of a console behind a running ingest."""
    del ingest
    with watched(browser, own_console) as show:
        yield show


@pytest.fixture
def shared_watched(browser: Browser, console: Console) -> Iterator[OpenWatched]:
    """Closely watched pages of the shared console."""
    with watched(browser, console) as show:
        yield show


def settle(page: Page, url: str, receiver: socket.socket, traffic: Traffic) -> dict[str, int]:
    """Wait until every sentence has its outcome, exactly one; what they are.

    Half messages are given up when later sentences come, so a harmless one is sent now and then.
    """
    nudges = 0

    def outcomes() -> dict[str, int]:
        found = fetch(
            url,
            "select outcome, sum(n)::int from feed_count where outcome not like 'flag%' group by 1",
        )
        return {str(outcome): int(n) for outcome, n in found}

    def given_up() -> bool:
        nonlocal nudges
        send(receiver, [with_checksum(b"GPTXT,01,01,02", b"$")])
        nudges += 1
        page.wait_for_timeout(200)
        return outcomes().get("orphan_part", 0) >= traffic.refused["orphan_part"]

    until(page, given_up, PATIENCE_S)
    until(page, lambda: sum(outcomes().values()) == len(traffic.lines) + nudges, PATIENCE_S)
    return outcomes()


def fetched_places(shown: dict[str, Any]) -> list[Place]:
    """The vessels that map and list fetched for the tick shown; both must have got the same."""
    assert len(set(shown["fetched"])) == 1
    return [
        (f["properties"]["mmsi"], *f["geometry"]["coordinates"])
        for f in json.loads(shown["fetched"][0])["features"]
    ]


def check_store(url: str, traffic: Traffic, outcomes: dict[str, int]) -> list[Place]:
    """Every accepted fix stands there once and every refusal is kept; the newest of each vessel."""
    stored = fetch(url, "select distinct mmsi, payload_hash, lon, lat from vessel_position")
    places = Counter((mmsi, round(lon, 6), round(lat, 6)) for mmsi, _, lon, lat in stored)
    assert places == traffic.fixes
    ((kept,),) = fetch(url, "select count(*) from vessel_position")
    assert kept == outcomes["position"] == traffic.fixes.total()
    assert outcomes.get("duplicate", 0) == traffic.repeats
    assert {reason: outcomes.get(reason) for reason in traffic.refused} == traffic.refused
    refused = fetch(url, "select reason, count(*) from rejected_message group by 1")
    assert dict(refused) == traffic.refused
    newest = fetch(
        url,
        "select distinct on (mmsi) mmsi, lon, lat from vessel_position where flags & 7 = 0"
        " order by mmsi, t desc",
    )
    return [(mmsi, round(lon, 6), round(lat, 6)) for mmsi, lon, lat in newest]


def loneliest(places: list[Place]) -> Place:
    """The vessel that has the widest water about it, so that its pixels are its own."""
    return max(
        places,
        key=lambda a: min(abs(a[1] - b[1]) + abs(a[2] - b[2]) for b in places if b[0] != a[0]),
    )


def check_map(page: Page, wanted: Place) -> None:
    """The vessel's pixels stand where it is, and there are none beside it."""
    _, lon, lat = wanted
    x, y = on_map(page, lon, lat, centre_at(lon, lat))
    beside = [(x - 45, y), (x + 45, y), (x, y - 45)]
    until(page, lambda: lit(page, [(x, y)])[0] > SEEN)
    assert max(lit(page, beside)) <= SEEN


@pytest.mark.parametrize("make", [far_away, recorded])
def test_what_is_sent_is_stored_fetched_listed_drawn_and_counted(
    make: Any, database_url: str, ingest: int, own_watched: OpenWatched
) -> None:
    traffic: Traffic = make()
    page = own_watched()
    with connected(ingest) as receiver:
        send(receiver, traffic.lines, traffic.over_s)
        outcomes = settle(page, database_url, receiver, traffic)
    newest = check_store(database_url, traffic, outcomes)
    assert sorted({place[0] for place in traffic.fixes}) == [place[0] for place in newest]

    def complete() -> dict[str, Any] | None:
        shown = picture(page)
        whole = shown is not None and len(shown["rows"]) == len(newest)
        return shown if whole and shown["fetched"] and shown["bar"] is not None else None

    shown = until(page, complete)
    assert shown is not None
    assert fetched_places(shown) == newest
    assert sorted(vessel["mmsi"] for vessel in shown["rows"]) == [place[0] for place in newest]
    assert {vessel["where"] for vessel in shown["rows"]} == {ELSEWHERE}
    labels = {vessel["mmsi"]: vessel["label"] for vessel in shown["rows"]}
    assert traffic.names.items() <= labels.items()
    assert shown["head"] == shown["bar"] == str(len(newest))

    expect(page.locator(".refused b")).to_have_text(str(traffic.refused.total()))
    page.locator(".refused").hover()
    table = page.locator(".refused .pop tbody tr")
    said = table.evaluate_all("rows => rows.map(row => [...row.children].map(c => c.textContent))")
    assert {words: int(hour) for words, hour, _ in said} == {
        WORDS[reason]: n for reason, n in traffic.refused.items()
    }

    wanted = loneliest(newest)
    there = own_watched(f"?vessel={wanted[0]}", centre_at(*wanted[1:]))
    expect(there.locator(".drawer-head")).to_contain_text(str(wanted[0]), timeout=PATIENCE_MS)
    position = f"{wanted[2]:.5f}, {wanted[1]:.5f}"
    expect(there.locator("[data-pane=drawer] .facts").first).to_contain_text(position)
    check_map(there, wanted)


OBSERVE = """
() => {
  window.marked = null
  const root = document.documentElement
  new MutationObserver(() => {
    if (!root.dataset.stale || window.marked !== null) return
    window.marked = {
      cause: root.dataset.stale,
      words: [...document.querySelectorAll('[data-fresh]')]
        .filter(e => e.checkVisibility()).map(e => e.textContent)
    }
  }).observe(root, { attributes: true })
}
"""
SECONDS = re.compile(r"(\d+) 秒")
BARGES = 600


def equal_everywhere(page: Page) -> dict[str, Any] | None:
    """The whole picture at one tick, once all of it is there: list, fetched vessels and counts."""
    shown = picture(page)
    if shown is None or not shown["fetched"] or shown["bar"] is None:
        return None
    properties = [f["properties"] for f in json.loads(shown["fetched"][0])["features"]]
    assert len(set(shown["fetched"])) == 1
    names = {one["mmsi"]: one["name"] or str(one["mmsi"]) for one in properties}
    rows = shown["rows"]
    assert len(names) == len(properties)
    assert shown["places"] == list(range(1, len(rows) + 1))
    assert sorted((v["mmsi"], v["label"]) for v in rows) == sorted(names.items())
    assert shown["head"] == shown["bar"] == str(len(names))
    return shown


def expect_choice(page: Page, mmsi: int) -> None:
    """Drawer, URL and list agree on the chosen vessel, and the list has no other."""
    copied = page.locator(".drawer-head .copy").first
    expect(copied).to_have_text(str(mmsi), timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(rf"[?&]vessel={mmsi}(&|$)"))

    def chosen() -> list[int]:
        shown = picture(page)
        return [v["mmsi"] for v in shown["rows"] if v["chosen"]] if shown else []

    until(page, lambda: chosen() == [mmsi])


def order(page: Page) -> list[int]:
    """The list from top to bottom."""
    shown = picture(page)
    return [vessel["mmsi"] for vessel in shown["rows"]] if shown else []


def test_six_hundred_barges_agree_are_chosen_fall_silent_and_return(
    database_url: str, tmp_path: Path, ingest: int, own_watched: OpenWatched
) -> None:
    def sail(*more: str) -> Command:
        address = f"127.0.0.1:{ingest}"
        fleet = ("--barges", str(BARGES), "--seed", "4")
        log = tmp_path / "traffic.log"
        return Command(database_url, log, "traffic", "--connect", address, *fleet, *more)

    fleet = sail("--since", "10m", "--rate", "200")
    try:
        page = own_watched()
        compared: set[str] = set()

        def agree() -> bool:
            shown = equal_everywhere(page)
            if shown is not None and len(shown["rows"]) > BARGES * 0.9:
                compared.add(shown["tick"])
            return len(compared) >= 5

        until(page, agree, PATIENCE_S)

        by_name = order(page)
        wanted = by_name[7]
        row(page, wanted).click()
        expect_choice(page, wanted)
        page.locator("[data-order]").select_option("newest")
        until(page, lambda: order(page) != by_name)
        by_newest = order(page)
        until(page, lambda: order(page) != by_newest)
        expect_choice(page, wanted)
        page.reload()
        expect_choice(page, wanted)
        until(page, lambda: equal_everywhere(page) is not None)

        expect(page.locator("html[data-stale]")).to_have_count(0, timeout=PATIENCE_MS)
        page.evaluate(OBSERVE)
        fleet.end()
        marked = until(page, lambda: page.evaluate("window.marked"))
        assert marked["cause"] in {"cut", "silent"}
        assert len(marked["words"]) == 2
        for words in marked["words"]:
            (age,) = SECONDS.findall(words)
            assert words.startswith("▲ 已陈旧")
            assert int(age) <= 5
        expect(page.locator("[data-banner]")).to_be_visible()
        expect_choice(page, wanted)

        fleet = sail()
        expect(page.locator("html[data-stale]")).to_have_count(0, timeout=PATIENCE_MS)
        expect(page.locator("[data-banner]")).to_be_hidden(timeout=PATIENCE_MS)
        ticks_later(page, 2)
        expect_choice(page, wanted)
    finally:
        fleet.end()
        print(fleet.said())


SAMPLE_PIXELS = """
places => {
  window.samples = []
  const take = () => window.samples.push([
    Number(document.documentElement.dataset.tick), Date.now(), window.lit(places)
  ])
  take()
  setInterval(take, 150)
}
"""
TICKS = 30
"""Half a minute without one blank picture."""


def test_moored_barges_never_vanish_from_the_map(rows: Rows, shared_watched: OpenWatched) -> None:
    places = dry_places(25)  # five in a row; a border runs between these
    moored = [places[n] for n in (2, 4, 8, 15, 20, 22, 24)]
    bare = [places[n] for n in (3, 21, 23)]
    for n, (lon, lat) in enumerate(moored):
        rows.put(Barge(413000100 + n, f"MOORED {n}", lon, lat, sog_kn=0.0, adcode="outside"))
    rows.beat()
    page = shared_watched()
    expect(row(page, 413000100)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 2)
    opening = (VIEW["longitude"], VIEW["latitude"])
    spots = [on_map(page, *place, opening) for place in moored]
    others = [on_map(page, *place, opening) for place in bare]
    until(page, lambda: min(lit(page, spots)) > SEEN >= max(lit(page, others)))

    page.evaluate(SAMPLE_PIXELS, spots)
    shown = "new Set(window.samples.map(sample => sample[0])).size"
    until(page, lambda: page.evaluate(shown) >= TICKS, 4 * PATIENCE_S)
    samples = page.evaluate("window.samples")
    vanished = [sample for sample in samples if max(sample[2]) <= SEEN]
    assert vanished == []
    # each of them stands still, so none of them may blink either
    assert [sample for sample in samples if min(sample[2]) <= SEEN] == []

    rows.hush()
    rows.clear()
    until(page, lambda: max(lit(page, spots)) <= SEEN)  # so it was them that shone
