"""Alerts in words: every rule in both languages, the rail, the drawer, the map, the chat text."""

import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from console_samples import NOW, alert, snapshot, vessel
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import alert_pictures
from dashboard.alert import Alert, Reason, parse_reasons, rank
from dashboard.alert_file import AlertFile, Earlier
from dashboard.atlas import Atlas
from dashboard.bodies import Body
from dashboard.draught_chart import chart
from dashboard.gate_reading import GateReading
from dashboard.gazetteer import Gazetteer
from dashboard.handling import to_command
from dashboard.i18n import Language
from dashboard.panels import alert_drawer, alerts
from dashboard.reason_words import LAW, headline, reason_words, rule_word, summary
from dashboard.wechat import message
from domain.alerts import Rule
from domain.draught import hull_limits, judge
from domain.errors import InvalidInput
from domain.permits import Missing, Permit, PermitCheck
from layers.geography import Geography

LANGUAGES: tuple[Language, ...] = ("zh", "en")
HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"
WAY = {"from": "310118", "to": "320509", "stage": "border_water"}
NO_PAPER = WAY | {"missing": ["approval", "disposal", "filing"], "unfit": ["approval:expired"]}
FACTS: dict[str, dict[str, object]] = {
    "no_paper": NO_PAPER,
    "quantity_used": WAY | {"quantity_t": 3000.0, "used_t": 3000.0},
    "load_lost": {
        "laden_by": "wj-04",
        "light_by": "wj-03",
        "laden_place": "120.76558,31.01100",
        "light_place": "120.88553,31.01950",
        "draught_before_m": 2.2,
        "error_before_m": 0.1,
        "draught_after_m": 0.7,
        "error_after_m": 0.1,
        "since": "2026-11-23T01:10:00+00:00",
        "until": "2026-11-23T03:05:00+00:00",
        "dwells": ["120.85000,31.01600,24"],
        "unheard_minutes": 12,
    },
    "no_ais": {"checkpoint": "wj-1", "length_m": 45.2},
    "silent_in_border_water": {"minutes": 22, "adcodes": ["320509", "330421"]},
    "loitering": {"minutes": 52, "adcode": "330421"},
    "night_stop": {"minutes": 40, "adcode": "330421"},
    "laden": {"draught_m": 2.7, "error_m": 0.1, "laden_m": 1.97},
    "spoil_carrier": {},
    "earlier_cases": {"count": 2},
    "upstream_of_water_source": {"minutes": 95},
    "night_entry_zhejiang": {"at": "2026-11-23T15:20:00+00:00"},
}
GAZETTEER = Atlas(Geography.builtin()).gazetteer
CITED = "6f1c0c1e-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return GAZETTEER


def stored(*rules: str) -> list[dict[str, object]]:
    at = "2026-11-23T10:00:00+00:00"
    evidence = [{"kind": "reading", "id": CITED, "at": at}]
    return [{"rule": r, "weight": 9, "facts": FACTS[r], "evidence": evidence} for r in rules]


LEAD = stored("no_paper", "laden", "spoil_carrier")


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def listed(body: Body) -> list[dict[str, object]]:
    data = gzip.decompress(body.data) if body.packed else body.data
    return [feature["properties"] for feature in json.loads(data)["features"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_is_told_with_its_facts(gazetteer: Gazetteer, lang: Language) -> None:
    assert set(FACTS) == {str(rule) for rule in Rule}
    said = {
        rule: reason_words(Reason(rule, 10, facts, ()), lang, gazetteer)
        for rule, facts in FACTS.items()
    }
    assert len(set(said.values())) == len(FACTS)
    for rule, words in said.items():
        assert words != rule_word(rule, lang), rule
        assert "{" not in words
        assert "_" not in words
        assert bool(re.search(r"[\u3400-\u9fff]", words)) == (lang == "zh" or rule == "no_paper")


def test_the_lead_case_in_both_languages(gazetteer: Gazetteer) -> None:
    one = alert(reasons=LEAD)
    assert headline(one, "zh", gazetteer) == "青货0917 出沪"
    assert headline(one, "en", gazetteer) == "青货0917 leaves Shanghai"
    assert summary(one, "zh", gazetteer) == "满载 2.7 ± 0.1 m · 转移审批已过期、无备案 · 渣土船"
    bare = [dict(LEAD[0], facts=WAY | {"missing": ["approval", "filing"]}), *LEAD[1:]]
    short = summary(alert(reasons=bare), "en", gazetteer)
    assert short == "laden 2.7 ± 0.1 m · no approval, no filing · spoil carrier"


def test_terms_of_the_law_stand_in_chinese_beside_the_english(gazetteer: Gazetteer) -> None:
    said = reason_words(Reason("no_paper", 50, NO_PAPER, ()), "en", gazetteer)
    assert all(term in said for term in LAW.values())
    assert "transfer approval 转移审批 expired" in said
    assert "no utilisation filing 利用备案" in said
    assert "in border water, not confirmed yet" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_known_is_named_never_dropped(gazetteer: Gazetteer, lang: Language) -> None:
    newer = Reason("flew_away", 3, {"height_m": 3}, ())
    assert reason_words(newer, lang, gazetteer) == "flew_away"
    for rule in FACTS:  # facts missing or of another kind
        for facts in ({}, {"missing": 3, "minutes": None, "from": 1, "draught_m": "deep"}):
            assert reason_words(Reason(rule, 3, facts, ()), lang, gazetteer)


def test_malformed_reasons_are_left_out() -> None:
    mixed = ["text", {"rule": 3}, {"rule": "laden"}, {"rule": "no_ais", "weight": 35}]
    assert [r.rule for r in parse_reasons(json.dumps(mixed))] == ["no_ais", "laden"]


def test_a_passage_without_ais_goes_by_its_checkpoint(gazetteer: Gazetteer) -> None:
    dark = alert(
        mmsi=None,
        name=None,
        behaviour="reading:x/no_ais:wj-1/2026-11-23T10",
        checkpoint=("芦墟卡口", "Luxu checkpoint"),
        reasons=stored("no_ais"),
    )
    assert headline(dark, "zh", gazetteer) == "芦墟卡口 无 AIS 过闸"
    assert headline(dark, "en", gazetteer) == "Luxu checkpoint, no AIS"
    assert "长约 45 m" in summary(dark, "zh", gazetteer)


def test_the_rail_is_absent_only_where_nobody_ever_looked(gazetteer: Gazetteer) -> None:
    assert alerts.body(snapshot(), "zh", gazetteer) == ""
    empty = text(alerts.body(snapshot(watched_at=NOW), "zh", gazetteer))
    assert "需要研判的疑点在此列出" in empty
    assert "目前没有未结警情" in empty


def test_a_retracted_alert_is_kept_with_both_times(gazetteer: Gazetteer) -> None:
    gone = alert(state="retracted", retracted_at=NOW, retraction="later fixes", reasons=LEAD)
    made = alerts.body(snapshot(alerts=(gone,), watched_at=NOW), "en", gazetteer)
    assert 'class="card alert high retracted"' in made
    assert f'data-at="{gone.began_at:.0f}"' in made
    assert f'data-clock="{NOW:.0f}"' in made
    assert "later fixes" in text(made)


STATES = st.sampled_from(["new", "seen", "validated", "rejected", "retracted"])
LEVELS = st.sampled_from(["high", "medium", "low"])


@settings(deadline=None)
@given(st.lists(st.tuples(STATES, LEVELS, st.integers(0, 100), st.booleans()), max_size=40))
def test_rail_map_and_counts_agree(many: list[tuple[str, str, int, bool]]) -> None:
    where = GAZETTEER
    made = [
        alert(
            alert_id=str(UUID(int=n)),
            state=state,
            level=level,
            score=score,
            mmsi=413000001 if known else None,
            retracted_at=NOW if state == "retracted" else None,
        )
        for n, (state, level, score, known) in enumerate(many)
    ]
    one = snapshot(alerts=tuple(sorted(made, key=rank)), watched_at=NOW)
    rail = re.findall(r'data-alert="([^"]+)"', alerts.body(one, "zh", where))
    rings = listed(alert_pictures.rings(one))
    assert sorted(rail) == sorted(str(ring["alert"]) for ring in rings)
    assert rail == [a.alert_id for a in one.alerts]
    opened = [ring for ring in rings if ring["icon"] != "alert-closed"]
    assert len(opened) == one.open_alerts
    scores = [a.score for a in one.alerts if a.open]
    assert scores == sorted(scores, reverse=True)
    assert [a.open for a in one.alerts] == sorted((a.open for a in one.alerts), reverse=True)


def test_what_is_too_much_to_list_is_said() -> None:
    one = snapshot(alerts=(alert(),), alerts_open=412, watched_at=NOW)
    assert "另有 411 起较轻的未结警情，未列出。" in alerts.body(one, "zh", GAZETTEER)
    whole = snapshot(alerts=(alert(),), alerts_open=1, watched_at=NOW)
    assert "未列出" not in alerts.body(whole, "zh", GAZETTEER)


def test_an_open_ring_goes_with_its_vessel_and_a_closed_one_stays() -> None:
    far = vessel(lon=120.5, lat=31.2)
    for state, lon in (("new", 120.5), ("retracted", 120.856)):
        one = snapshot(vessels=(far,), alerts=(alert(state=state),))
        body = json.loads(alert_pictures.rings(one).data)
        assert body["features"][0]["geometry"]["coordinates"][0] == pytest.approx(lon)
    lost = snapshot(vessels=(vessel(lon=120.5, t=NOW - 4000),), alerts=(alert(),))
    body = json.loads(alert_pictures.rings(lost).data)
    assert body["features"][0]["geometry"]["coordinates"][0] == pytest.approx(120.856)


def test_the_chat_text_lets_one_go_there(gazetteer: Gazetteer) -> None:
    said = message(alert(reasons=LEAD), (120.856, 31.106), "zh", gazetteer)
    assert "<" not in said
    for part in (
        "【吹哨】警情 高 92 分",
        "青货0917 出沪 (MMSI 413000001)",
        "满载：实测吃水 2.7 ± 0.1 m",
        "急水港，周庄",
        "交界水域",
        "31.10600, 120.85600（WGS-84）",
        "GCJ-02",
        "北京时间",
    ):
        assert part in said
    gcj = re.search(r"高德/微信：([\d.]+), ([\d.]+)", said)
    assert gcj is not None
    assert float(gcj[2]) - 120.856 == pytest.approx(0.0043, abs=0.0008)  # some 412 m east
    assert len(said.encode()) < 2048


def gate(n: int, draught: float | None, error: float | None) -> GateReading:
    limits = hull_limits(48.5, 10.4)
    verdict = judge(draught, error, limits)
    return GateReading(
        f"r{n}",
        "急水港卡口",
        "Jishui",
        NOW - 3600 * n,
        "forth",
        "in",
        draught,
        error,
        48.5,
        HOSTILE,
        0.93,
        HOSTILE,
        None,
        verdict,
    )


def file(one: Alert) -> AlertFile:
    permit = Permit(
        UUID(int=7),
        HOSTILE,
        "approval",
        "disposal",
        "holder",
        "c1",
        None,
        "工程渣土",
        3000.0,
        1200.0,
        "31",
        "3212",
        date(2026, 1, 1),
        date(2026, 11, 1),
    )
    return AlertFile(
        alert=one,
        readings=(gate(0, 2.7, 0.1), gate(1, 0.8, 0.1), gate(2, 1.6, 0.2), gate(3, None, None)),
        limits=hull_limits(48.5, 10.4),
        hull={
            "carrier_zh": HOSTILE,
            "carrier_en": HOSTILE,
            "carrier_id": "c1",
            "carries_spoil": True,
            "length_m": 48.5,
            "beam_m": 10.4,
            "capacity_t": 1000.0,
        },
        declared={"draught_m": 1.1, "loaded_raw": 0},
        permits=(permit,),
        check=PermitCheck(
            "none",
            (),
            (Missing("approval", "expired", permit.permit_id), Missing("filing", "missing")),
            False,
        ),
        earlier=(Earlier(str(UUID(int=9)), "validated", 61, "medium", ("no_paper",), NOW - 9e6),),
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_drawer_tells_all_and_strangers_words_are_text(
    gazetteer: Gazetteer, lang: Language
) -> None:
    one = alert(name=HOSTILE, reasons=LEAD, note=HOSTILE, handled_by=HOSTILE, state="seen")
    shown = snapshot(alerts=(one,), watched_at=NOW)
    made = [
        alert_drawer.body(file(one), shown, lang, gazetteer),
        alerts.body(shown, lang, gazetteer),
    ]
    for markup in made:
        assert "<IMG" not in markup
        assert "&lt;IMG SRC=X ONERROR=ALERT(1)&gt;" in markup
    said = text(made[0])
    words = {
        "zh": (
            "满载",
            "空载",
            "无法判定",
            "未测吃水",
            "已过期",
            "名录中无",
            "吃水 1.1 m",
            "未核实",
        ),
        "en": ("laden", "light", "cannot tell", "no draught measured", "expired", "1.1 m"),
    }
    for word in words[lang]:
        assert word in said
    for link in (f"reading-{CITED}", f'data-alert="{UUID(int=9)}"', 'data-act="validate"'):
        assert link in made[0]
    assert 'data-act="see"' not in made[0]  # seen already


def test_the_chart_keeps_laden_light_and_unsure_apart() -> None:
    made = chart((gate(0, 2.7, 0.1), gate(1, 0.8, 0.1), gate(2, 1.6, 0.2)), None, "en")
    assert made is not None
    assert re.findall(r'class="dot (\w+)"', made) == ["unsure", "light", "laden"]
    assert chart((gate(3, None, None),), None, "en") is None


def test_what_the_browser_asks_is_checked() -> None:
    ident, command = str(UUID(int=1)), str(UUID(int=2))
    asked = {"command": command, "action": "reject", "alerts": {ident: "new"}, "note": " a\n b "}
    actor, made = to_command(asked | {"who": "王一\u0000"}, NOW)
    assert (actor, made.note, dict(made.alerts)) == ("王一", "a b", {UUID(int=1): "new"})
    assert to_command(asked | {"action": "see"}, NOW)[0] == "console"
    for wrong in (
        None,
        asked,  # a decision without a name
        asked | {"who": "王一", "alerts": {}},
        asked | {"who": "王一", "alerts": {"x": "new"}},
        asked | {"who": "王一", "alerts": {ident: "gone"}},
        asked | {"who": "王一", "action": "silence"},
        asked | {"who": "王一", "action": "drop"},
        asked | {"who": "王一", "command": "1"},
        asked | {"who": "王一", "alerts": {str(UUID(int=n)): "new" for n in range(501)}},
    ):
        with pytest.raises(InvalidInput):
            to_command(wrong, NOW)


def test_a_silence_holds_in_the_time_of_the_behaviour() -> None:
    until = datetime.fromtimestamp(NOW, UTC) + timedelta(minutes=5)
    quiet = alert(silence_until=until.timestamp(), silence_owner="a", silence_reason="b")
    assert quiet.silenced
    assert not alert(silence_until=NOW - 100).silenced
    assert rank(quiet) > rank(alert(score=1))
