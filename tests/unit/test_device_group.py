"""Checkpoints in the bar and on the map: counted per system, those without contact by name."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console_samples import NOW, devices, snapshot

from dashboard.i18n import LANGUAGES, words
from dashboard.panels import feeds, legend
from dashboard.panels.devices import devices as group
from dashboard.panels.devices import health_word
from dashboard.pictures import checkpoints
from dashboard.reading import to_device
from dashboard.snapshot import Snapshot
from domain.checkpoints import Checkpoint, DeviceHealth, Health, System
from layers.symbols import NAMES


def text(markup: str | None) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup or "")).strip()


def drawn(one: Snapshot) -> dict[str, dict[str, Any]]:
    body = checkpoints(one)
    raw = gzip.decompress(body.data) if body.packed else body.data
    return {f["properties"]["id"]: f["properties"] for f in json.loads(raw)["features"]}


def test_all_online_is_said_in_one_line() -> None:
    one = snapshot(checkpoints=devices())
    assert text(group(one, "zh")) == "卡口 吴江 8/8 · 嘉善 19/19 卡口全部在线。"
    assert text(group(one, "en")).startswith("Checkpoints Wujiang 8/8 · Jiashan 19/19 ")
    assert text(group(one, "zh")) in text(feeds.body(one, "zh"))


def test_the_silent_are_named_with_their_last_contact_longest_first() -> None:
    late = replace(devices()[0], health=Health.LATE, last_contact_at=NOW - 200)
    gone = devices(jiashan7=NOW - 900, jiashan9=None)
    one = snapshot(checkpoints=(late, *gone[1:]))
    made = group(one, "en") or ""
    assert "Wujiang 7/8 · Jiashan 17/19" in text(made)
    assert re.findall(r"(?:jiashan|wujiang) no\. \d+", made) == [
        "jiashan no. 9",
        "jiashan no. 7",
        "wujiang no. 1",
    ]
    assert "jiashan no. 9 no contact never" in text(made)
    assert f'data-at="{NOW - 900:.0f}"' in made
    assert 'class="fact refused devices silent"' in made
    assert 'class="fact refused devices late"' in (
        group(snapshot(checkpoints=(late, *devices()[1:])), "zh") or ""
    )


def test_without_checkpoints_there_is_no_group_and_of_one_system_only_that() -> None:
    assert group(snapshot(), "zh") is None
    assert "吴江" not in text(group(snapshot(checkpoints=devices()[8:]), "zh"))


def test_names_are_text() -> None:
    one = replace(devices()[0], name_zh="<b>x</b>", health=Health.SILENT)
    assert "<b>x</b>" not in (group(snapshot(checkpoints=(one,)), "zh") or "")


def test_the_map_says_it_in_shape_and_colour_and_stands_still_meanwhile() -> None:
    one = snapshot(checkpoints=devices(jiashan7=NOW - 900))
    found = drawn(one)
    assert len(found) == 27
    assert [k for k, v in found.items() if v["icon"] != "checkpoint-online"] == ["jiashan7"]
    assert found["jiashan7"]["icon"] == "checkpoint-silent"
    assert found["jiashan7"]["color"] != found["jiashan8"]["color"]
    assert {f"checkpoint-{health}" for health in Health} <= set(NAMES)
    heard = tuple(replace(d, last_contact_at=NOW) for d in one.checkpoints)
    assert checkpoints(replace(one, tick=8, checkpoints=heard)).etag == checkpoints(one).etag


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_health_has_a_word_and_a_key(lang: str) -> None:
    tr = words("en" if lang == "en" else "zh")
    assert len({health_word(health, tr) for health in Health}) == len(Health)
    frame = legend.frame("zh")
    assert all(f"key-checkpoint-{health}" in frame for health in Health)


def test_health_is_judged_by_the_store_s_clock() -> None:
    now = datetime(2026, 11, 23, 18, tzinfo=UTC)
    point = Checkpoint("a", System.WUJIANG, "甲", "A", 120.8, 31.0, 90, 100, "Taipu", "320509", 60)
    ages = {30: Health.ONLINE, 200: Health.LATE, 400: Health.SILENT}
    for seconds, expected in ages.items():
        heard = now - timedelta(seconds=seconds)
        made = to_device(DeviceHealth(point, heard, None, 0, None), now)
        assert (made.health, made.last_contact_at) == (expected, heard.timestamp())
    assert to_device(DeviceHealth(point, None, None, 0, None), now).health is Health.SILENT
