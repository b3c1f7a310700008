"""A silence on rail, drawer and wall: who, why, until when; and what the browser may ask for."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from console_samples import NOW, alert, snapshot

from dashboard.alert import rank
from dashboard.atlas import Atlas
from dashboard.gazetteer import Gazetteer
from dashboard.handling import to_command
from dashboard.i18n import Language
from dashboard.panels import alerts, wall_lists, wall_news
from dashboard.panels.alert_silence import silence
from domain.errors import InvalidInput
from layers.geography import Geography

MOMENT = datetime.fromtimestamp(NOW, UTC)
HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"
ASKED = {
    "command": str(UUID(int=2)),
    "action": "silence",
    "alerts": {str(UUID(int=1)): "seen"},
    "note": "海巡艇押送",
    "until": "4h",
    "who": "王一",
}
QUIET = {"silence_owner": "王一", "silence_reason": "海巡艇押送", "silence_until": NOW + 3600}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Atlas(Geography.builtin()).gazetteer


def test_what_the_browser_asks_becomes_a_command() -> None:
    actor, made = to_command(ASKED, MOMENT)
    assert (actor, made.note, made.silence_until) == (
        "王一",
        "海巡艇押送",
        MOMENT + timedelta(hours=4),
    )
    ended = to_command(ASKED | {"action": "hear", "until": None}, MOMENT)[1]
    assert ended.silence_until is None


@pytest.mark.parametrize(
    "wrong", [{"who": " "}, {"until": "later"}, {"until": None}, {"action": "hear", "who": ""}]
)
def test_a_silence_without_owner_or_end_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        to_command(ASKED | wrong, MOMENT)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rail_and_drawer_tell_who_and_why(gazetteer: Gazetteer, lang: Language) -> None:
    quiet = alert(state="seen", **QUIET)
    card = alerts.card(quiet, lang, gazetteer)
    standing = silence(quiet, NOW, lang)
    assert standing is not None
    for made in (card, standing):
        assert "王一" in made
        assert "海巡艇押送" in made
        assert f'data-clock="{NOW + 3600:.0f}"' in made
    assert 'data-quiet="1"' in card
    assert 'data-act="hear"' in standing
    assert 'data-act="silence"' not in standing


def test_when_its_time_has_passed_it_stands_in_its_place_again(gazetteer: Gazetteer) -> None:
    quiet = alert(**QUIET)
    past = alert(**QUIET, silence_over=True)
    later = alert(**QUIET | {"silence_until": NOW - 100})
    assert [each.silenced for each in (quiet, past, later)] == [True, False, False]
    assert rank(past) == rank(alert()) < rank(quiet)
    assert "data-quiet" not in alerts.card(past, "zh", gazetteer)
    offered = silence(past, NOW, "en")
    assert offered is not None
    assert "Silence ended" in offered
    assert 'data-act="silence"' in offered


def test_the_end_of_the_shift_is_named() -> None:
    offered = silence(alert(), NOW, "en")  # 06:13 in Shanghai
    assert offered is not None
    assert "to the end of the shift, 08:00" in offered


@pytest.mark.parametrize("state", ["rejected", "retracted"])
def test_a_closed_alert_is_not_silenced(state: str) -> None:
    assert silence(alert(state=state), NOW, "en") is None
    assert not alert(state=state, **QUIET).silenced


def test_the_wall_keeps_it_small_and_nameless(gazetteer: Gazetteer) -> None:
    quiet = snapshot(alerts=(alert(**QUIET),))
    assert wall_news.body(quiet, "zh", gazetteer) == ""
    told = wall_lists.alerts(quiet, "zh", gazetteer)
    assert "silenced" in told
    assert "静默" in told
    assert "王一" not in told
    assert "海巡艇" not in told


def test_strangers_words_are_text(gazetteer: Gazetteer) -> None:
    quiet = alert(**QUIET | {"silence_owner": HOSTILE, "silence_reason": HOSTILE})
    for made in (alerts.card(quiet, "zh", gazetteer), silence(quiet, NOW, "zh")):
        assert made is not None
        assert not re.search("<img", made, re.IGNORECASE)
