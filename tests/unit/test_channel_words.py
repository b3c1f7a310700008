"""The data channel in words: broker, workers and relays, in both bars, in both languages."""

import re

import pytest
from console_samples import NOW, snapshot

from dashboard.channel import BLINK_S, MUCH, broker_lost_at
from dashboard.i18n import Language
from dashboard.panels import feeds, wall_feeds
from dashboard.snapshot import Relay, Worker
from db.pipeline import FRESH_S

WELL = Worker(NOW - 1, 0, None)
BLIND = Worker(NOW - 1, 7, NOW - 72)
GONE = Worker(NOW - FRESH_S - 1, 99, None)
QUIET = Relay("金泽中继", NOW - 1, 3, 400, 10_000, 0, None)
FULL = Relay("金泽中继", NOW - 1, MUCH, 9_000, 10_000, 1200, "No space left on device")
MUTE = Relay("金泽中继", NOW - FRESH_S - 1, 3, 400, 10_000, 0, None)


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


@pytest.mark.parametrize(
    ("workers", "relays", "zh", "en"),
    [
        ((WELL,), (), "数据通道 已连接", "Data channel connected"),
        ((WELL, WELL), (QUIET,), "数据通道 已连接", "Data channel connected"),
        (
            (Worker(NOW - 1, 1200, None), Worker(NOW, 34, None), GONE),
            (),
            "数据通道 已连接 · 待入库 1,234 条",
            "Data channel connected · 1,234 waiting",
        ),
        ((BLIND,), (QUIET,), "数据通道 中断 · 中继暂存中", "down · the relays store what comes"),
        ((BLIND,), (), "数据通道 中断", "Data channel down"),
        ((GONE,), (QUIET,), "数据通道 无入库进程", "Data channel nobody takes in what comes"),
        ((), (QUIET,), "数据通道 无入库进程", "Data channel nobody takes in what comes"),
        ((WELL,), (MUTE,), "中继 金泽中继 · 无响应", "Relay 金泽中继 · no sign of life"),
        (
            (WELL,),
            (FULL,),
            "中继 金泽中继 · 磁盘无法写入 · 已丢弃 1,200 条 · 待补传 2,000 条",
            "its disk takes nothing · 1,200 sentences lost · 2,000 still to send",
        ),
    ],
)
def test_both_bars_say_it(
    workers: tuple[Worker, ...], relays: tuple[Relay, ...], zh: str, en: str
) -> None:
    shown = snapshot(workers=workers, relays=relays)
    told: dict[Language, str] = {"zh": zh, "en": en}
    for lang, said in told.items():
        for body in (feeds.body, wall_feeds.body):
            assert re.sub(" ", "", said) in re.sub(" ", "", text(body(shown, lang)))


def test_without_a_broker_nothing_is_said_of_it() -> None:
    for body in (feeds.body, wall_feeds.body):
        assert "数据通道" not in body(snapshot(), "zh")


def test_a_silent_relay_is_not_blamed_for_a_broker_that_is_away() -> None:
    shown = feeds.body(snapshot(workers=(BLIND,), relays=(MUTE,)), "zh")
    assert "无响应" not in text(shown)


@pytest.mark.parametrize(
    ("workers", "since"),
    [
        ((), None),
        ((WELL,), None),
        ((BLIND,), NOW - 72),
        ((BLIND, WELL), None),
        ((BLIND, Worker(NOW, 0, NOW - 90)), NOW - 90),
        ((Worker(NOW, 0, NOW - BLINK_S / 2),), None),
        ((Worker(NOW - FRESH_S - 1, 0, NOW - 90),), None),
    ],
)
def test_the_broker_is_away_when_no_live_worker_reaches_it(
    workers: tuple[Worker, ...], since: float | None
) -> None:
    assert broker_lost_at(snapshot(workers=workers)) == since


def test_the_name_of_a_relay_is_text() -> None:
    hostile = Relay("<img src=x>", NOW - FRESH_S - 1, 0, 0, 1, 0, None)
    for body in (feeds.body, wall_feeds.body):
        assert "<img" not in body(snapshot(workers=(WELL,), relays=(hostile,)), "zh")
