"""`whistle rota`: who is on duty, a swap of two shifts, and the rota as a calendar."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InvalidInput
from ops.cli.migrate import DatabaseUrl
from ops.cli.register_kinds import ACTOR
from ops.cli.tables import moment, print_json, with_connection, write_out

if TYPE_CHECKING:
    from datetime import datetime

    from db.pool import Connection

rota = typer.Typer(help="The duty rota 值班表.", no_args_is_help=True)

AuthorityOption = Annotated[str, typer.Option("--authority", help="id of the authority")]


@rota.command()
def now(
    at: Annotated[
        str | None, typer.Option("--at", help="at that time: ISO 8601; otherwise now")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Who answers for every authority: duty officer, deputy and head, a JSON line each."""
    from domain.clock import utc_now

    then = moment("at", at) or utc_now()
    for line in with_connection(
        lambda connection: _holders(connection, then), database_url, "whistle rota"
    ):
        print_json(line)


@rota.command()
def swap(
    first: Annotated[str, typer.Argument(metavar="SHIFT", help="id of a shift")],
    second: Annotated[str, typer.Argument(metavar="SHIFT", help="id of another")],
    reason: Annotated[str, typer.Option("--reason", help="why, for the record")],
    database_url: DatabaseUrl = None,
) -> None:
    """Let the officers of two shifts change places 换班; a shift under way changes hands now."""
    from commands.swap_shifts import SwapShifts, swap_shifts

    change = with_connection(
        lambda connection: swap_shifts(connection, ACTOR, SwapShifts(first, second, reason)),
        database_url,
        "whistle rota",
    )
    for key, changes in change.changed.items():
        print_json({"shift": key, "officer": list(changes["officer_id"])})


@rota.command()
def ical(
    authority: AuthorityOption,
    file: Annotated[str, typer.Argument(metavar="FILE", help="where to write, - for stdout")] = "-",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="so far ahead")] = 60,
    english: Annotated[bool, typer.Option("--english", help="in English")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the rota of one authority as iCalendar, from a week ago on; no telephone numbers."""
    from datetime import timedelta

    from dashboard.rota_calendar import rota_calendar
    from db.people import authorities, officers, shifts
    from domain.clock import utc_now

    then = utc_now()

    async def read(connection: "Connection") -> tuple[bytes, int]:
        office = (await authorities(connection, then, [authority])).get(authority)
        if office is None:
            raise InvalidInput("authority", f"expected one on the register, got {authority!r}")
        begin, end = then - timedelta(days=7), then + timedelta(days=days)
        rows = await shifts(connection, begin, end, [authority])
        people = await officers(connection, then, {one.officer_id for one in rows})
        data = rota_calendar(office, rows, people, then, "en" if english else "zh")
        return data, len(rows)

    data, count = with_connection(read, database_url, "whistle rota")
    write_out(file, data, {"shifts": count})


async def _holders(connection: "Connection", then: "datetime") -> list[dict[str, Any]]:
    """A line per authority; telephone numbers masked."""
    from db.people import authorities, on_duty
    from domain.officers import Officer, masked_phone

    def told(officer: Officer | None) -> dict[str, Any] | None:
        if officer is None:
            return None
        phone = masked_phone(officer.phone)
        return {"officer": officer.officer_id, "name": officer.name, "phone": phone}

    lines = []
    for key, office in (await authorities(connection, then)).items():
        held = await on_duty(connection, key, then)
        lines.append(
            {
                "authority": key,
                "name": office.name,
                "duty": told(held.duty),
                "deputy": told(held.deputy),
                "head": told(held.head),
            }
        )
    return lines
