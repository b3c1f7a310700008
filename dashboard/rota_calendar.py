"""The duty rota 值班表 as a calendar that telephones and mail programs subscribe to (RFC 5545).

It says who is on duty when; no telephone number stands in it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from domain.authorities import Authority
from domain.language import Language
from domain.officers import Officer
from domain.rota import Place, Shift, in_order

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_ASK_AGAIN: Final = timedelta(hours=1)
_PLACES: Final[Mapping[Language, Mapping[Place, str]]] = {
    "zh": {Place.DUTY: "值班员", Place.DEPUTY: "副班", Place.HEAD: "带班领导"},
    "en": {Place.DUTY: "On duty", Place.DEPUTY: "Deputy", Place.HEAD: "Head"},
}
_ROTA: Final[Mapping[Language, str]] = {"zh": "值班表", "en": "duty rota"}


def rota_calendar(
    authority: Authority,
    shifts: Iterable[Shift],
    officers: Mapping[str, Officer],
    now: datetime,
    lang: Language = "zh",
) -> bytes:
    """The shifts of one authority, an event each, times in UTC.

    A shift keeps its UID: who subscribes sees a swap as a change of that event, and one that was
    called off is no longer there.
    """
    office = authority.name if lang == "zh" else authority.name_en or authority.name
    calendar = Calendar()
    calendar.add("prodid", "-//Whistle//duty rota//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{office} {_ROTA[lang]}")
    calendar.add("refresh-interval", _ASK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for shift in in_order(shifts):
        who = officers.get(shift.officer_id)
        event = Event()
        event.add("uid", f"{shift.shift_id}@rota.whistle")
        event.add("dtstamp", now)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add(
            "summary", f"{_PLACES[lang][shift.place]} {who.name if who else shift.officer_id}"
        )
        event.add("description", " · ".join([office, *([who.title] if who and who.title else [])]))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data
