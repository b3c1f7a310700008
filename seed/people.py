"""The people of the simulated world: authorities, officers, a rota without gaps, boards; invented.

Nobody here exists. No mobile number in China begins with 10, so none of these rings anybody.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Final

from domain.authorities import Authority, Department, Level
from domain.clock import SHANGHAI
from domain.contacts import Contact, ContactKind
from domain.officers import Officer
from domain.people_csv import AUTHORITIES
from domain.register_csv import read_entries
from domain.rota import Place, Shift

_SURNAMES: Final = "沈陆顾朱钱吴周徐孙马胡郭林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田"
_GIVEN: Final = (
    "明远", "思源", "海清", "文涛", "雨晴", "建平", "晓岚", "志恒", "若水", "永安", "佳禾",
)  # fmt: skip
_RANKS: Final = (("duty-a", "执法员"), ("duty-b", "执法员"), ("deputy", "副队长"), ("head", "队长"))
"""Who works in every authority: two who take turns by day, and those behind them by week."""
_CHANGES_AT: Final = time(8, 30)
_WEEK: Final = timedelta(days=7)
_DAYS_BEFORE, _DAYS_AFTER = 1, 10
_SECONDED: Final = "zone-coordination"
_HOMES: Final = ("qingpu-env", "wujiang-env", "jiashan-env", "qingpu-env")
"""The heads of the three bureaux lead the coordination group together: they keep their units."""


@cache
def authorities() -> tuple[Authority, ...]:
    """The authorities 执法部门: four departments in each member, who answers around them."""
    data = files("seed").joinpath("data", "authorities.csv").read_bytes()
    return tuple(read_entries(AUTHORITIES, data))


@cache
def officers() -> tuple[Officer, ...]:
    """Four officers 执法人员 for every authority."""
    return tuple(_officers())


def _officers() -> Iterator[Officer]:
    numbers = count()
    for authority in authorities():
        group = authority.level is Level.GROUP
        for place, (rank, title) in enumerate(_RANKS):
            n = next(numbers)
            yield Officer(
                officer_id=f"{authority.authority_id}-{rank}",
                name=_SURNAMES[n % len(_SURNAMES)] + _GIVEN[n % len(_GIVEN)],
                home_authority=_HOMES[place] if group else authority.authority_id,
                seconded_to=authority.authority_id if group else None,
                phone=f"1000000{n:04d}",
                title=title,
                certificate=None if authority.department is Department.POLICE else f"示范-{n:04d}",
            )


def shifts(now: datetime) -> list[Shift]:
    """The rota 值班表 from yesterday until ten days after `now`: the clock round, no place empty.

    Duty changes daily at half past eight in Shanghai, deputy and head on Mondays. A shift has the
    same id whenever it is asked for, so a rota grows from one start of a demo to the next.
    """
    today = now.astimezone(SHANGHAI).date()
    first = today - timedelta(days=_DAYS_BEFORE + 1)
    days = [first + timedelta(days=n) for n in range(_DAYS_BEFORE + _DAYS_AFTER + 2)]
    weeks = sorted({day - timedelta(days=day.weekday()) for day in days})
    found = []
    for authority in authorities():
        key = authority.authority_id
        for day in days:
            who = "duty-a" if day.toordinal() % 2 else "duty-b"
            found.append(_shift(key, who, day, timedelta(days=1), Place.DUTY))
        for monday in weeks:
            found.append(_shift(key, "deputy", monday, _WEEK, Place.DEPUTY))
            found.append(_shift(key, "head", monday, _WEEK, Place.HEAD))
    return found


def _shift(key: str, who: str, day: date, lasts: timedelta, place: Place) -> Shift:
    begins = datetime.combine(day, _CHANGES_AT, SHANGHAI)
    return Shift(f"{key}-{day:%Y%m%d}-{place}", key, f"{key}-{who}", begins, begins + lasts, place)


def contacts() -> list[Contact]:
    """A message board 站内留言板 for every authority and every officer, so that all can be told.

    Robots, telephones and mail are a real operator's; a demo sends nothing to anybody.
    """
    offices = [
        Contact(f"board-{key}", key, None, ContactKind.BOARD, key)
        for key in (one.authority_id for one in authorities())
    ]
    people = [
        Contact(f"board-{one.officer_id}", unit, one.officer_id, ContactKind.BOARD, unit)
        for one in officers()
        for unit in (one.seconded_to or one.home_authority,)
    ]
    return [*offices, *people]
