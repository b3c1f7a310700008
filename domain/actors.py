"""Who may do what: roles 角色, the deeds of people, and the table that grants them (docs/roles.md).

An account is bound to one district or to all. Seeing is for everybody who is signed in; a deed
changes something. The rules are asked on the server, in the transaction that does the deed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final
from uuid import UUID

from domain.errors import WhistleError


class Role(StrEnum):
    """What somebody is in the house; one each."""

    VIEWER = "viewer"
    """查看: sees the picture, changes nothing."""
    DUTY_OFFICER = "duty_officer"
    """值班员."""
    CONTROLLER = "controller"
    """指挥调度员."""
    COMMANDER = "commander"
    """指挥长."""
    REGISTRAR = "registrar"
    """名录管理员: the registers, the accounts, the walls; no alert and no incident."""
    AUDITOR = "auditor"
    """审计员: reads everything, changes nothing."""


class Deed(StrEnum):
    """What people do, one per command, named like the events."""

    ALERT_SEE = "alert.see"
    ALERT_VALIDATE = "alert.validate"
    ALERT_REJECT = "alert.reject"
    ALERT_SILENCE = "alert.silence"
    ALERT_HEAR = "alert.hear"
    ALERT_NOTE = "alert.note"
    MATCH_UNDO = "match.undo"
    MATCH_ASSIGN = "match.assign"
    PERMIT_EDIT = "permit.edit"
    REGISTER_EDIT = "register.edit"
    CHECKPOINT_EDIT = "checkpoint.edit"
    LAYER_IMPORT = "layer.import"
    OUTBOX_RESEND = "outbox.resend"
    STREAM_SKIP = "stream.skip"
    INCIDENT_OPEN = "incident.open"
    INCIDENT_EDIT = "incident.edit"
    """Title, place, recipients, link, merge."""
    INCIDENT_NOTE = "incident.note"
    INCIDENT_CLOSE_PART = "incident.close_part"
    INCIDENT_REOPEN = "incident.reopen"
    INCIDENT_RETRACT = "incident.retract"
    MUSTER_ANSWER = "muster.answer"
    """For the authority of one's own."""
    MUSTER_ON_BEHALF = "muster.on_behalf"
    MUSTER_REMIND = "muster.remind"
    MUSTER_HAND_OVER = "muster.hand_over"
    AUTHORITY_EDIT = "authority.edit"
    OFFICER_EDIT = "officer.edit"
    ROTA_EDIT = "rota.edit"
    CONTACT_EDIT = "contact.edit"
    CONTACT_VERIFY = "contact.verify"
    ACCOUNT_EDIT = "account.edit"
    DISPLAY_ISSUE = "display.issue"
    HANDOVER_SIGN = "handover.sign"
    CALL_LOG = "call.log"
    AUDIT_READ = "audit.read"


_WATCH: Final = frozenset({Role.DUTY_OFFICER, Role.CONTROLLER, Role.COMMANDER})
_LEAD: Final = frozenset({Role.CONTROLLER, Role.COMMANDER})
_REGISTRAR: Final = frozenset({Role.REGISTRAR})

GRANTS: Final[Mapping[Deed, frozenset[Role]]] = MappingProxyType(
    {
        Deed.ALERT_SEE: _WATCH,
        Deed.ALERT_VALIDATE: _WATCH,
        Deed.ALERT_REJECT: _WATCH,
        Deed.ALERT_SILENCE: _LEAD,
        Deed.ALERT_HEAR: _LEAD,
        Deed.ALERT_NOTE: _WATCH,
        Deed.MATCH_UNDO: _WATCH,
        Deed.MATCH_ASSIGN: _WATCH,
        Deed.PERMIT_EDIT: _REGISTRAR,
        Deed.REGISTER_EDIT: _REGISTRAR,
        Deed.CHECKPOINT_EDIT: _REGISTRAR,
        Deed.LAYER_IMPORT: _REGISTRAR,
        Deed.OUTBOX_RESEND: _LEAD | _REGISTRAR,
        Deed.STREAM_SKIP: _REGISTRAR,
        Deed.INCIDENT_OPEN: _WATCH,
        Deed.INCIDENT_EDIT: _LEAD,
        Deed.INCIDENT_NOTE: _WATCH,
        Deed.INCIDENT_CLOSE_PART: _WATCH,
        Deed.INCIDENT_REOPEN: _LEAD,
        Deed.INCIDENT_RETRACT: _LEAD,
        Deed.MUSTER_ANSWER: _WATCH,
        Deed.MUSTER_ON_BEHALF: _LEAD,
        Deed.MUSTER_REMIND: _WATCH,
        Deed.MUSTER_HAND_OVER: _WATCH,
        Deed.AUTHORITY_EDIT: _REGISTRAR,
        Deed.OFFICER_EDIT: _REGISTRAR,
        Deed.ROTA_EDIT: _LEAD | _REGISTRAR,
        Deed.CONTACT_EDIT: _REGISTRAR,
        Deed.CONTACT_VERIFY: _LEAD | _REGISTRAR,
        Deed.ACCOUNT_EDIT: _REGISTRAR,
        Deed.DISPLAY_ISSUE: _REGISTRAR,
        Deed.HANDOVER_SIGN: _WATCH,
        Deed.CALL_LOG: _WATCH,
        Deed.AUDIT_READ: frozenset({Role.COMMANDER, Role.AUDITOR}),
    }
)
"""Deed → the roles that may do it. What stands nowhere is nobody's."""

WHOLE: Final = frozenset(
    {Deed.LAYER_IMPORT, Deed.OUTBOX_RESEND, Deed.STREAM_SKIP, Deed.DISPLAY_ISSUE, Deed.AUDIT_READ}
)
"""Deeds that concern all districts at once: an account bound to one of them may not do them."""

EVERYWHERE: Final = "*"
"""Stands for a district where a deed concerns them all; no account is bound to it."""


class Forbidden(WhistleError):
    """The account may not do this here. Says the deed and its own district, nothing more."""

    code: ClassVar[str] = "forbidden"

    def __init__(self, deed: Deed, adcode: str | None = None) -> None:
        super().__init__(f"{deed} is not allowed{f' in {adcode}' if adcode else ''}")
        self.deed = deed
        self.adcode = adcode


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `name` is what events store.

    `role`: `None` is a part of the product itself. `adcode`: the district that the account is bound
    to, `None`: all. `account_id`: `None` where no account stands behind it.
    """

    name: str
    role: Role | None
    adcode: str | None = None
    account_id: UUID | None = None

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A part of the product: the watch, the sender, or who works at its command line."""
        return cls(name, None)


def check(actor: Actor, deed: Deed, adcodes: Collection[str] = ()) -> None:
    """Raise `Forbidden` unless `actor` may do `deed`; parts of the product may.

    `adcodes`: the districts that it concerns, any of which will do for an account that is bound to
    one; none: it has no place. `EVERYWHERE` among them is nobody's district.
    """
    if actor.role is None:
        return
    if actor.role not in GRANTS.get(deed, frozenset()):
        raise Forbidden(deed, actor.adcode)
    if actor.adcode is None:
        return
    if deed in WHOLE or (adcodes and actor.adcode not in adcodes):
        raise Forbidden(deed, actor.adcode)


def may(actor: Actor, deed: Deed, adcodes: Collection[str] = ()) -> bool:
    """The same as an answer, for a screen that leaves a button out."""
    try:
        check(actor, deed, adcodes)
    except Forbidden:
        return False
    return True
