"""A dead alert watch, in words: the bars, the lists of alerts, and what the browser is told."""

import re

import pytest
from console_samples import NOW, alert, snapshot

from dashboard.atlas import Atlas
from dashboard.i18n import Language
from dashboard.panels import alerts, feeds, wall_feeds, wall_lists
from dashboard.watched import WATCH_LATE_S, unwatched
from layers.geography import Geography

DEAD, ALIVE = NOW - WATCH_LATE_S - 1, NOW - 1
WORDS = {
    "zh": ("警情研判 无响应", "警情研判 运行中", "此处缺少新的警情", "目前没有未结警情"),
    "en": (
        "Alert watch no sign of life",
        "Alert watch running",
        "what is new is missing here",
        "Nothing of that kind is open now",
    ),
}


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_bars_tell_of_the_watch_and_count_no_alerts_without_it(lang: Language) -> None:
    dead, running, *_ = WORDS[lang]
    for body in (feeds.body, wall_feeds.body):
        gone = text(body(snapshot(watched_at=DEAD, alerts=(alert(),)), lang))
        assert dead in gone
        assert re.search("(警情|Alerts) —", gone)
        lives = text(body(snapshot(watched_at=ALIVE, alerts=(alert(),)), lang))
        assert running in lives
        assert re.search("(警情|Alerts) 1", lives)
        never = text(body(snapshot(), lang))
        assert dead not in never
        assert running not in never


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_list_without_a_watch_does_not_say_that_nothing_is_open(lang: Language) -> None:
    *_, missing, nothing = WORDS[lang]
    gazetteer = Atlas(Geography.builtin()).gazetteer
    for body in (alerts.body, wall_lists.alerts):
        empty = text(body(snapshot(watched_at=DEAD), lang, gazetteer))
        assert missing in empty
        assert nothing not in empty
        assert "data-unwatched" in body(snapshot(watched_at=DEAD), lang, gazetteer)
        filled = text(body(snapshot(watched_at=DEAD, alerts=(alert(),)), lang, gazetteer))
        assert missing in filled
        lives = body(snapshot(watched_at=ALIVE), lang, gazetteer)
        assert nothing in text(lives)
        assert missing not in text(lives)
        assert "data-unwatched" not in lives


def test_alerts_of_a_watch_that_ended_no_round_are_not_current_either() -> None:
    assert unwatched(snapshot(alerts=(alert(),)))
    assert not unwatched(snapshot())
