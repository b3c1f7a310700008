"""Whose passage a reading counts as, in the drawers; what the browser may ask to be changed."""

import re
from uuid import UUID

import pytest
from console_samples import NOW

from commands.match_reading import MatchByHand
from commands.undo_match import UndoMatch
from dashboard.errand import Outcome
from dashboard.gate_reading import GateReading
from dashboard.i18n import Language
from dashboard.matching import to_command
from dashboard.panels.answers import match_answer
from dashboard.panels.gate_readings import readings
from domain.draught import hull_limits, judge
from domain.errors import InvalidInput

HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"
MMSI = 413000001
LIMITS = hull_limits(48.5, 10.4)
ASKED = {
    "command": str(UUID(int=1)),
    "action": "undo",
    "reading": str(UUID(int=2)),
    "mmsi": MMSI,
    "note": "照片为另一船",
    "who": "王一",
}


def reading(n: int = 0, **changes: object) -> GateReading:
    said = {
        "reading_id": str(UUID(int=10 + n)),
        "checkpoint_zh": "急水港卡口",
        "checkpoint_en": "Jishui",
        "t": NOW - 3600 * n,
        "direction": "forth",
        "entering": None,
        "draught_m": 2.7,
        "error_m": 0.1,
        "length_m": 48.5,
        "plate": "青货0917",
        "confidence": None,
        "laden_raw": None,
        "image": "ab" * 32,
        "verdict": judge(2.7, 0.1, LIMITS),
        "mmsi": MMSI,
    }
    return GateReading(**{**said, **changes})  # type: ignore[arg-type]


UNDONE = {"undone_at": NOW - 5, "undone_by": "王一", "undone_note": "照片为另一船"}


def test_a_match_that_stands_can_be_undone_or_given_away() -> None:
    made = readings((reading(),), LIMITS, MMSI, "en")
    assert 'data-match="undo"' in made
    assert 'data-match="assign"' in made
    assert f'data-matched="{MMSI}"' in made
    assert made.count('class="dot') == 1
    assert "struck" not in made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_undone_it_says_by_whom_and_counts_no_more(lang: Language) -> None:
    made = readings((reading(0, **UNDONE), reading(1, image=None)), LIMITS, MMSI, lang)
    assert made.count('class="dot') == 1
    assert 'class="shot"' not in made
    assert 'class="reading struck"' in made
    for word in ("王一", "照片为另一船", f'data-clock="{NOW - 5:.0f}"'):
        assert word in made
    assert made.count('data-match="undo"') == 1  # of the other one


def test_one_given_to_another_vessel_says_to_which_and_by_whom() -> None:
    moved = reading(mmsi=413000002, by="李二", note="看船名")
    made = readings((moved,), LIMITS, MMSI, "en")
    for word in ("matched with MMSI 413000002", "李二", "看船名", "struck"):
        assert word in made
    own = readings((moved,), LIMITS, 413000002, "en")
    assert "struck" not in own
    assert "李二" in own


def test_a_passage_nobody_could_name_can_be_given_to_a_vessel() -> None:
    made = readings((reading(mmsi=None),), LIMITS, None, "zh")
    assert 'data-match="assign"' in made
    assert 'data-match="undo"' not in made
    assert made.count('class="dot') == 1


def test_strangers_words_are_text() -> None:
    hostile = reading(
        undone_at=NOW, undone_by=HOSTILE, undone_note=HOSTILE, plate=HOSTILE, laden_raw=HOSTILE
    )
    moved = reading(1, mmsi=1, by=HOSTILE, note=HOSTILE, checkpoint_zh=HOSTILE)
    made = readings((hostile, moved), LIMITS, MMSI, "zh")
    assert not re.search("<img src=x", made, re.IGNORECASE)


def test_what_the_browser_asks_becomes_a_command() -> None:
    who, undo = to_command(ASKED)
    assert (who, undo) == ("王一", UndoMatch(UUID(int=1), UUID(int=2), MMSI, "照片为另一船"))
    _, assign = to_command(ASKED | {"action": "assign", "mmsi": 413000002})
    assert assign == MatchByHand(UUID(int=1), UUID(int=2), 413000002, "照片为另一船")


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": ""},
        {"note": " \n"},
        {"mmsi": None},
        {"mmsi": True},
        {"mmsi": 0},
        {"mmsi": 1_000_000_000},
        {"reading": "x"},
        {"command": None},
        {"action": "drop"},
    ],
)
def test_what_is_missing_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        to_command(ASKED | wrong)


def test_anything_else_is_refused() -> None:
    with pytest.raises(InvalidInput):
        to_command(["undo"])


def test_each_answer_has_words() -> None:
    done = match_answer(Outcome(done=1), "en")
    moved = match_answer(Outcome(failed=True, why="match.nothing_to_undo"), "en")
    assert done is not None
    assert moved is not None
    assert "look again" in moved
    assert match_answer(Outcome(failed=True, why="store.unavailable"), "en") is None
