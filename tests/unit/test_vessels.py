"""A vessel's identity, put together from messages that each tell a part."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.positions import StaticReport
from domain.vessels import Identity, merged

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def report(minutes: float = 0, message_type: int = 5, **said: object) -> StaticReport:
    return StaticReport(412000001, NOON + timedelta(minutes=minutes), message_type, **said)


def test_the_parts_come_together() -> None:
    first = merged(None, report(0, 24, name="HU XIN 1"))
    both = merged(first, report(1, 24, callsign="BX01", ship_type=79))
    whole = merged(both, report(2, 8, eni="12345678", length_m=54.9, draught_m=2.61))
    assert whole == Identity(
        mmsi=412000001,
        valid_from=NOON + timedelta(minutes=2),
        name="HU XIN 1",
        callsign="BX01",
        ship_type=79,
        eni="12345678",
        length_m=54.9,
        draught_m=2.61,
    )


def test_what_is_known_is_no_news() -> None:
    known = merged(None, report(0, 5, name="HU XIN 1", draught_m=2.5))
    assert merged(known, report(5, 5, name="HU XIN 1", draught_m=2.5)) is None
    assert merged(known, report(5, 5)) is None
    assert merged(None, report(5)) is None


def test_news_holds_from_its_own_time() -> None:
    known = merged(None, report(0, 5, name="HU XIN 1", destination="ZHAPU"))
    renamed = merged(known, report(5, 5, name="HU XIN 2"))
    assert renamed is not None
    assert (renamed.name, renamed.destination) == ("HU XIN 2", "ZHAPU")
    assert renamed.valid_from == NOON + timedelta(minutes=5)


def test_a_late_report_fills_gaps_only() -> None:
    known = merged(None, report(10, 5, name="NEW"))
    filled = merged(known, report(0, 5, name="OLD", callsign="BX01"))
    assert filled is not None
    assert (filled.name, filled.callsign) == ("NEW", "BX01")
    assert filled.valid_from == NOON + timedelta(minutes=10)
    assert merged(filled, report(1, 5, name="OLD")) is None


@pytest.mark.parametrize(
    ("field", "fine", "coarse", "other"),
    [("length_m", 54.9, 55.0, 57.0), ("beam_m", 10.6, 10.0, 12.0), ("draught_m", 2.61, 2.6, 0.8)],
)
def test_a_coarser_statement_of_the_same_is_no_news(
    field: str, fine: float, coarse: float, other: float
) -> None:
    inland = merged(None, report(0, 8, **{field: fine}))
    assert merged(inland, report(1, 5, **{field: coarse})) is None
    changed = merged(inland, report(1, 5, **{field: other}))
    assert changed is not None
    assert getattr(changed, field) == other
    plain = merged(None, report(0, 5, **{field: coarse}))
    finer = merged(plain, report(1, 8, **{field: fine}))
    assert finer is not None
    assert getattr(finer, field) == fine
