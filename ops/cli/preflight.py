"""`whistle preflight`: who could not be told in the next hours, and why."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import moment, print_json, with_connection

if TYPE_CHECKING:
    from datetime import datetime

    from domain.preflight import Finding, Registers

_CHECKS: Final = {
    "nobody_on_duty": "班次无人",
    "no_verified_channel": "无已核实渠道",
    "no_authority": "无主管部门",
    "circle": "替补成环",
    "gone": "替补已不在名录",
}
_MATTERS: Final = {
    "spoil_dumping": "渣土倾倒",
    "solid_waste_transfer": "固废跨省转移",
    "hazardous_waste": "危险废物",
    "water_pollution": "水污染",
    "vessel_violation": "船舶违规",
    "other": "其他",
}


def preflight(
    hours: Annotated[int, typer.Option("--hours", min=1, max=744, help="so far ahead")] = 48,
    at: Annotated[str | None, typer.Option("--at", help="from then on; otherwise now")] = None,
    table: Annotated[bool, typer.Option("--table", help="a table for people, no JSON")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Find shifts with nobody, people without a verified channel, and matters without an authority.

    Substitutes in a circle, and such as are no longer there, too. A JSON line each; exit code 1
    when something is missing. It only looks.
    """
    from datetime import timedelta

    from db.preflight import registers
    from domain.clock import utc_now
    from domain.preflight import preflight as missing

    begin = moment("at", at) or utc_now()
    end = begin + timedelta(hours=hours)
    held = with_connection(
        lambda connection: registers(connection, begin, end), database_url, "whistle preflight"
    )
    found = missing(held, begin, end)
    if not held.districts:
        sys.stderr.write("whistle: no layer of districts: matters were not looked at\n")
    if table:
        _draw(held, found, begin, end)
    else:
        for one in found:
            print_json(one.to_json())
    if found:
        raise typer.Exit(1)


def _draw(held: "Registers", found: "list[Finding]", begin: "datetime", end: "datetime") -> None:
    """The same by check and authority, times of Shanghai."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    stretch = f"{_minute(begin)} – {_minute(end)}"
    if not found:
        console.print(f"Nothing is missing, {stretch} 上海时间.")
        return
    drawn = Table("check", "who or where", "what", title=f"Preflight 检查 {stretch} 上海时间")
    for one in found:
        drawn.add_row(f"{_CHECKS[one.check]} {one.check}", _whom(held, one), _what(held, one))
    console.print(drawn)


def _whom(held: "Registers", one: "Finding") -> str:
    if one.adcode is not None:
        return f"{held.districts.get(one.adcode, '')} {one.adcode}".strip()
    authority = held.authorities.get(one.authority_id or "")
    return authority.name if authority else one.authority_id or ""


def _what(held: "Registers", one: "Finding") -> str:
    from domain.people_csv import PLACE_WORDS

    if one.officer_id is not None:
        return held.officers[one.officer_id].name
    if one.starts_at is not None and one.ends_at is not None and one.place is not None:
        when = f"{_minute(one.starts_at)} – {_minute(one.ends_at)}"
        return f"{PLACE_WORDS[one.place][0]} {one.place.name.lower()}, {when}"
    if one.chain is not None:
        return " → ".join(one.chain)
    return "" if one.matter is None else f"{_MATTERS[one.matter]} {one.matter}"


def _minute(at: "datetime") -> str:
    from domain.cells import written_moment

    return written_moment(at.replace(second=0, microsecond=0))
