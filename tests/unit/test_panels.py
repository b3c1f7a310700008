"""Panes: what stands in them, in both languages, with strangers' names as text."""

import re

import pytest
from console_samples import NOW, feed, passage, snapshot, vessel

from dashboard.atlas import Atlas
from dashboard.dossier import Dossier
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.panels import crossings, drawer, feeds, header, legend, vessels
from dashboard.snapshot import Vessel
from domain.positions import FixFlag, Rejection
from layers.geography import Geography

HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Atlas(Geography.builtin()).gazetteer


def text(markup: str) -> str:
    """What a reader reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def dossier(one: Vessel, **declared: object) -> Dossier:
    return Dossier(one, {"mmsi": one.mmsi, "name": one.name, **declared}, (), (), {})


def test_a_card_says_who_from_where_to_where_and_how(gazetteer: Gazetteer) -> None:
    one = snapshot(crossings=(passage(via=("330421",)),))
    zh, en = (text(crossings.body(one, lang, gazetteer)) for lang in LANGUAGES)
    for word in ("TAIPU 1", "青浦 → 吴江", "经 嘉善", "太浦河", "过闸线"):
        assert word in zh
    for word in ("TAIPU 1", "Qingpu → Wujiang", "via Jiashan", "Taipu River", "passed a gate"):
        assert word in en


def test_grazing_is_said_and_marked(gazetteer: Gazetteer) -> None:
    made = crossings.body(snapshot(crossings=(passage(grazing=True),)), "en", gazetteer)
    assert "grazing the border" in made
    assert 'class="card grazing"' in made


def test_a_vessel_without_a_name_is_its_number(gazetteer: Gazetteer) -> None:
    made = crossings.body(snapshot(crossings=(passage(name=None),)), "zh", gazetteer)
    assert "MMSI 413000001" in text(made)


def test_an_empty_rail_says_why(gazetteer: Gazetteer) -> None:
    made = text(crossings.body(snapshot(crossings=()), "en", gazetteer))
    assert made.endswith("No crossing has been confirmed yet.")


def test_the_bar_counts_refusals_by_reason() -> None:
    busy = feed(
        hour={"checksum": 7, "position": 900}, day={"checksum": 9, "mmsi": 2, "position": 5000}
    )
    made = text(feeds.body(snapshot(feeds=(busy,)), "en"))
    assert "refused 7 in the last hour" in made
    assert "wrong checksum 7 9" in made
    assert "impossible MMSI 0 2" in made
    assert "Shore station" in made
    assert "42 sentences/s" in made
    assert "queue 5 %" in made


def test_the_bar_s_totals_are_the_snapshot_s() -> None:
    many = tuple(vessel(413000001 + n) for n in range(1200))
    made = text(feeds.body(snapshot(vessels=many, crossings_today=3), "en"))
    assert "Vessels 1 200 Lost 0 Crossings today 3" in made


def test_a_bar_without_feeds_says_so() -> None:
    assert "尚无数据源接入" in feeds.body(snapshot(feeds=()), "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_flag_and_way_of_finding_has_words(lang: Language) -> None:
    tr = words(lang)
    reasons = {feeds.reason_word(reason, tr) for reason in Rejection}
    assert len(reasons) == len(Rejection)
    flags = {drawer.flag_word(flag, tr) for flag in FixFlag if flag}
    assert len(flags) == 4
    ways = ("depth", "dwell", "gate", "segment")
    assert len({crossings.found_by(by, tr) for by in ways} - set(ways)) == 4


def test_the_drawer_keeps_what_is_declared_apart(gazetteer: Gazetteer) -> None:
    one = vessel(border_water=True, flags=FixFlag.FAST)
    made = drawer.body(
        dossier(one, ship_type=79, length_m=48.0, beam_m=10.2, draught_m=2.6, loaded_raw=2),
        one,
        NOW,
        "en",
        gazetteer,
    )
    seen, declared = text(made).split("Declared by the crew not checked")
    assert "Draught" not in seen
    for word in ("Size 48 × 10.2 m", "Draught 2.6 m", "Type cargo (79)", "Loaded field 2"):
        assert word in declared
    for word in ("joint inspection proposed", "speed above 20 km/h", "31.02000, 120.90000"):
        assert word in seen
    for word in ("border water of", "Qingpu", "Wujiang", "Jiashan"):
        assert word in seen


def test_the_drawer_of_a_silent_stranger(gazetteer: Gazetteer) -> None:
    one = vessel(name=None, sog_kn=None, heading_deg=None, cog_deg=None, t=NOW - 5000)
    made = text(drawer.body(dossier(one), one, NOW, "en", gazetteer))
    for word in ("Vessel without a declared name", "lost", "Speed unknown", "Course unknown"):
        assert word in made
    assert "It has not said what it is yet." in made
    assert "No position" in text(drawer.unknown(999, "en"))


def test_doubtful_fixes_are_counted_in_words(gazetteer: Gazetteer) -> None:
    one = vessel()
    held = Dossier(one, {"name": "A"}, (), (passage(),), {FixFlag.JUMP: 3, FixFlag.LATE: 1})
    made = text(drawer.body(held, one, NOW, "en", gazetteer))
    assert "late or out of order 1 jump: faster than 30 km/h between fixes 3" in made
    assert "Qingpu → Wujiang" in made


@pytest.mark.parametrize("lang", LANGUAGES)
def test_strangers_names_are_text(gazetteer: Gazetteer, lang: Language) -> None:
    one = vessel(name=HOSTILE)
    said = {"callsign": HOSTILE, "destination": HOSTILE, "eni": HOSTILE}
    hostile_feed = feed(name_zh=HOSTILE, name_en=HOSTILE, feed_id='"><script>')
    made = [
        crossings.body(snapshot(crossings=(passage(name=HOSTILE),)), lang, gazetteer),
        drawer.body(dossier(one, **said), one, NOW, lang, gazetteer),
        feeds.body(snapshot(feeds=(hostile_feed,)), lang),
    ]
    for markup in made:
        assert "<IMG" not in markup
        assert "<script" not in markup
        assert "&lt;IMG SRC=X ONERROR=ALERT(1)&gt;" in markup


def test_frames_differ_by_language_only_in_words() -> None:
    for panel in (crossings, header, legend, vessels):
        zh, en = (panel.frame(lang) for lang in LANGUAGES)
        assert zh != en
        assert re.findall(r"<(\w+)", zh) == re.findall(r"<(\w+)", en)
