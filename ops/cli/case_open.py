"""`whistle case open` and `whistle case blow`: an incident from the command line."""

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import print_json

if TYPE_CHECKING:
    from commands.open_incident import OpenIncident
    from db.pool import Connection
    from domain.incidents import Incident, Spot

T = TypeVar("T")
Who = Annotated[str, typer.Option("--who", help="Your name: it stands beside what is done.")]
_NAME_MOST = 40


def open_(
    title: Annotated[str, typer.Argument(help="One line: what messages begin with.")],
    who: Who,
    lon: Annotated[float, typer.Option("--lon", min=-180, max=180, help="Degrees east.")],
    lat: Annotated[float, typer.Option("--lat", min=-90, max=90, help="Degrees north.")],
    datum: Annotated[str, typer.Option("--datum", help="wgs84, gcj02 or bd09.")] = "wgs84",
    matter: Annotated[str, typer.Option("--matter", help="What it is about.")] = "spoil_dumping",
    alert: Annotated[
        list[UUID] | None, typer.Option("--alert", help="Alerts that it is about.")
    ] = None,
    authority: Annotated[
        list[str] | None,
        typer.Option("--authority", help="Who is concerned; else as the place and matter say."),
    ] = None,
    summary: Annotated[str, typer.Option("--summary", help="What is known.")] = "",
    reporter: Annotated[str | None, typer.Option("--reporter", help="Who told us.")] = None,
    began: Annotated[
        datetime | None, typer.Option("--began", help="When; without an offset Shanghai time.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Open an incident; nobody is told by that. Prints it as JSON."""
    from dataclasses import replace

    from commands.open_incident import open_incident
    from domain.actors import Actor

    spot = _spot(lon, lat, datum)
    actor = Actor.system(_named(who))

    async def run(connection: "Connection") -> "Incident":
        command = await _command(connection, spot, matter, authority)
        return await open_incident(
            connection,
            actor,
            replace(
                command,
                title=title,
                summary=summary,
                reporter=reporter,
                began_at=_moment(began) or command.began_at,
                alerts=tuple(alert or ()),
                origin=type(command.origin).ALERT if alert else command.origin,
            ),
        )

    _print(_run(run, database_url))


def blow(
    incident: Annotated[str, typer.Argument(help="Number (2026-1124-03) or id.")],
    who: Who,
    authority: Annotated[
        list[str] | None, typer.Option("--authority", help="Only these; else all not told yet.")
    ] = None,
    holiday: Annotated[bool, typer.Option("--holiday", help="Today is no working day.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Blow the whistle: call the authorities concerned, by their own channels. JSON on stdout."""
    from uuid import uuid4

    from commands.blow_whistle import Blown, BlowWhistle, blow_whistle
    from commands.settings import LinkSettings
    from db.seal import incident_named
    from domain.actors import Actor
    from domain.incidents import UnknownIncident

    actor, links = Actor.system(_named(who)), LinkSettings().links()

    async def run(connection: "Connection") -> Blown:
        named = await incident_named(connection, incident)
        if named is None:
            raise UnknownIncident(f"no incident has the number or id {incident!r}")
        chosen = None if authority is None else tuple(authority)
        command = BlowWhistle(uuid4(), UUID(named[0]), chosen, holiday=holiday)
        return await blow_whistle(connection, actor, command, links)

    blown = _run(run, database_url)
    _print(blown.incident, calls=len(blown.calls))
    if not links.key:
        sys.stderr.write("whistle: messages carry no one-tap link: set WHISTLE_LINK_KEY_FILE\n")


async def _command(
    connection: "Connection", spot: "Spot", matter: str, authority: list[str] | None
) -> "OpenIncident":
    """The incident as far as the place, the matter and the register tell it."""
    from uuid import uuid4

    from commands.open_incident import OpenIncident
    from db.incident import store_now
    from db.people import authorities
    from domain.concerns import Concern, propose
    from domain.errors import InvalidInput
    from domain.incidents import Origin
    from domain.matters import Matter

    if matter not in set(Matter):
        raise InvalidInput("matter", f"expected one of {', '.join(Matter)}")
    now = await store_now(connection)
    register = await authorities(connection, now)
    proposed = {
        one.authority.authority_id: one.reasons
        for one in propose(spot, Matter(matter), register.values())
    }
    parts = proposed
    if authority:
        parts = {one: proposed.get(one, (str(Concern.ADDED),)) for one in authority}
    return OpenIncident(
        command_id=uuid4(),
        matter=Matter(matter),
        title="",
        spot=spot,
        began_at=now,
        origin=Origin.PHONE,
        parts=parts,
    )


def _spot(lon: float, lat: float, datum: str) -> "Spot":
    from domain.incidents import Spot
    from layers.datum import parse_datum, to_wgs84
    from layers.geography import Geography
    from layers.places import Gazetteer

    meant = parse_datum(datum)
    x, y = to_wgs84([lon], [lat], meant)
    east, north = float(x[0]), float(y[0])
    geography = Geography.builtin()
    where = geography.where(east, north)
    return Spot(
        lon=east,
        lat=north,
        adcode=where.adcode,
        border_adcodes=where.neighbours if where.border_water else (),
        datum=str(meant),
        said=f"{lon}, {lat}",
        words=Gazetteer(geography).describe(east, north, "zh") or None,
    )


def _moment(said: datetime | None) -> datetime | None:
    from domain.clock import SHANGHAI

    return said if said is None or said.tzinfo else said.replace(tzinfo=SHANGHAI)


def _named(who: str) -> str:
    from domain.errors import InvalidInput

    if not (0 < len(who.strip()) <= _NAME_MOST and who.isprintable()):
        raise InvalidInput("who", f"expected a name of 1 to {_NAME_MOST} characters")
    return who.strip()


def _run(work: "Callable[[Connection], Awaitable[T]]", database_url: str | None) -> T:
    import asyncio

    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> T:
        connection = await connect(url, application="whistle case")
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def _print(incident: "Incident", **more: Any) -> None:  # noqa: ANN401
    print_json(
        {
            "incident_id": str(incident.incident_id),
            "number": incident.number,
            "state": str(incident.state),
            "title": incident.title,
            "adcode": incident.spot.adcode,
            "border_adcodes": list(incident.spot.border_adcodes),
            "where": incident.spot.words,
            "authorities": {part.authority_id: list(part.reasons) for part in incident.parts},
            **more,
        }
    )
