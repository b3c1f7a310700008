"""Three statements about a silence, in both languages, in the bar and in a vessel's drawer."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from console_samples import NOW, feed, snapshot, vessel

from dashboard.atlas import Atlas
from dashboard.dossier import Dossier
from dashboard.panels import drawer, feeds, wall_feeds
from dashboard.snapshot import DeadReceiver
from domain.silence import Cause, Silence
from layers.geography import Geography

SINCE = datetime.fromtimestamp(NOW - 1500, UTC)


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def told(cause: Cause, receiver: str | None = None) -> Silence:
    return Silence(cause, SINCE, receiver, timedelta(minutes=24))


@pytest.mark.parametrize(
    ("silence", "zh", "en"),
    [
        (
            told(Cause.VESSEL, "ais/JINZE"),
            ("船舶失联（岸站正常）", "岸站 ais/JINZE", "24 分钟内仍收到"),
            ("AIS lost, its receiver works", "receiver ais/JINZE", "for 24 min meanwhile"),
        ),
        (
            told(Cause.RECEIVER, "ais/JINZE"),
            ("岸站无信号", "岸站 ais/JINZE"),
            ("receiver without signal", "receiver ais/JINZE"),
        ),
        (told(Cause.PIPELINE), ("数据链路中断", "自"), ("data link down", "since")),
        (told(Cause.UNSURE), ("尚不能判定失联原因",), ("cannot tell whose silence",)),
    ],
    ids=["vessel", "receiver", "pipeline", "nobody can tell"],
)
def test_the_drawer_of_a_lost_vessel_says_whose_silence_it_is(
    silence: Silence, zh: tuple[str, ...], en: tuple[str, ...]
) -> None:
    gazetteer = Atlas(Geography.builtin()).gazetteer
    one = replace(vessel(), t=NOW - 1500)
    dossier = Dossier(one, {"mmsi": one.mmsi, "name": one.name}, (), (), {}, silence)
    for lang, words in (("zh", zh), ("en", en)):
        said = text(drawer.body(dossier, one, NOW, lang, gazetteer))
        assert [word for word in words if word not in said] == []
    heard = replace(one, t=NOW - 1)
    assert zh[0] not in text(drawer.body(dossier, heard, NOW, "zh", gazetteer))


def test_the_bars_name_the_receivers_that_hear_nobody() -> None:
    dead = (DeadReceiver("JINZE", NOW - 600),)
    shown = snapshot(feeds=(feed(dead_receivers=dead),))
    for body in (feeds.body, wall_feeds.body):
        assert "岸站无信号 JINZE" in text(body(shown, "zh"))
        assert "receiver without signal JINZE" in text(body(shown, "en"))
        assert "岸站无信号" not in text(body(snapshot(feeds=(feed(),)), "zh"))
