"""`whistle contacts`: send a contact a code, and take the code back."""

from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.register_kinds import ACTOR
from ops.cli.tables import print_json, with_connection

contacts = typer.Typer(help="Whether contacts arrive 核实.", no_args_is_help=True)

ContactArgument = Annotated[str, typer.Argument(metavar="CONTACT", help="id of the contact")]


@contacts.command()
def check(
    contact: ContactArgument,
    english: Annotated[bool, typer.Option("--english", help="the message in English")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Put a test notice with a one-time code into the outbox; tell where it goes, by its ends."""
    from commands.verify_contact import SendCode, send_code
    from domain.actors import Actor

    command = SendCode(contact, "en" if english else "zh")
    sent = with_connection(
        lambda connection: send_code(connection, Actor.system(ACTOR), command),
        database_url,
        "whistle contacts",
    )
    print_json({"contact": contact, "to": sent.to, "expires_at": sent.expires_at})


@contacts.command()
def confirm(
    contact: ContactArgument,
    code: Annotated[str, typer.Argument(metavar="CODE", help="as it was read at the other end")],
    database_url: DatabaseUrl = None,
) -> None:
    """Say that the code arrived: from now on the contact is verified."""
    from commands.verify_contact import ConfirmContact, confirm_contact
    from domain.actors import Actor

    done = with_connection(
        lambda connection: confirm_contact(
            connection, Actor.system(ACTOR), ConfirmContact(contact, code)
        ),
        database_url,
        "whistle contacts",
    )
    print_json({"contact": contact, "verified_at": done.verified_at})
