"""Enforcement officers 执法人员: to whom they belong, where they are lent to, how they are rung."""

import re
from dataclasses import dataclass
from typing import Final

from domain.authorities import ID_EXPECTED, NAME_EXPECTED, is_id, is_name, unless
from domain.errors import InvalidInput

_PHONE: Final = re.compile(r"\+?\d{5,15}", re.ASCII)
PHONE_EXPECTED: Final = "a telephone number of 5 to 15 digits, with + or without"


@dataclass(frozen=True, slots=True)
class Officer:
    """One officer. `certificate`: number of the enforcement certificate 执法证, where there is one.

    Who is seconded 借调 to another authority keeps the home unit. `phone` is never shown whole.
    """

    officer_id: str
    name: str
    home_authority: str
    seconded_to: str | None = None
    phone: str | None = None
    title: str = ""
    certificate: str | None = None

    def serves(self, authority_id: str) -> bool:
        """Whether `authority_id` may put this officer on its rota."""
        return authority_id in (self.home_authority, self.seconded_to)


def masked_phone(phone: str | None) -> str | None:
    """A telephone number as lists show it: `138****1234`; a short one not at all."""
    if phone is None:
        return None
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def wrong_fields(officer: Officer) -> list[InvalidInput]:
    """What no register takes, by field; `[]` when all is well."""
    phone, certificate = officer.phone, officer.certificate
    return [
        *unless(is_id(officer.officer_id), "officer_id", ID_EXPECTED),
        *unless(is_name(officer.name), "name", NAME_EXPECTED),
        *unless(is_id(officer.home_authority), "home_authority", "the id of an authority"),
        *unless(
            officer.seconded_to is None
            or (is_id(officer.seconded_to) and officer.seconded_to != officer.home_authority),
            "seconded_to",
            "the id of another authority than the home unit",
        ),
        *unless(phone is None or bool(_PHONE.fullmatch(phone)), "phone", PHONE_EXPECTED),
        *unless(not officer.title or is_name(officer.title), "title", NAME_EXPECTED),
        *unless(certificate is None or is_name(certificate), "certificate", NAME_EXPECTED),
    ]
