"""The rota as a calendar: what RFC 5545 asks, what people read in it, and what it must not say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from dashboard.rota_calendar import rota_calendar
from domain.authorities import Authority, Department, Level
from domain.officers import Officer
from domain.rota import Place, Shift

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
OFFICE = Authority(
    "ks-env", "昆山生态环境试验局" * 6, "Trial, office; one", Level.DISTRICT, "320583",
    Department.ENVIRONMENT,
)  # fmt: skip
WHO = Officer("o-1", "申,一;", "ks-env", None, "10000000001", "科员\\")
SHIFT = Shift("s-1", "ks-env", "o-1", NOON, NOON + timedelta(hours=8))
LATER = replace(SHIFT, shift_id="s-2", officer_id="o-9", starts_at=NOON + timedelta(hours=1))
LATER = replace(LATER, place=Place.HEAD)


def test_lines_are_as_the_standard_wants_them() -> None:
    data = rota_calendar(OFFICE, [SHIFT, LATER], {"o-1": WHO}, NOON)
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    for word in (b"VERSION:2.0", b"METHOD:PUBLISH", b"DTSTART:20260301T040000Z"):
        assert word in lines
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"10000000001" not in data


def test_what_a_calendar_reads_of_it() -> None:
    read = Calendar.from_ical(rota_calendar(OFFICE, [LATER, SHIFT], {"o-1": WHO}, NOON))
    first, second = read.walk("VEVENT")
    assert first["uid"] == "s-1@rota.whistle"
    assert first["summary"] == "值班员 申,一;"
    assert first["description"] == f"{OFFICE.name} · 科员\\"
    assert (first["dtstart"].dt, first["dtend"].dt) == (SHIFT.starts_at, SHIFT.ends_at)
    assert second["summary"] == "带班领导 o-9"
    english = Calendar.from_ical(rota_calendar(OFFICE, [SHIFT], {"o-1": WHO}, NOON, "en"))
    assert english["x-wr-calname"] == "Trial, office; one duty rota"
    assert english.walk("VEVENT")[0]["summary"] == "On duty 申,一;"


def test_an_empty_rota_is_a_calendar() -> None:
    assert Calendar.from_ical(rota_calendar(OFFICE, [], {}, NOON)).walk("VEVENT") == []
