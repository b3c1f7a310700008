"""Authorities, officers, contacts and shifts as CSV; docs/people.md lists the columns.

What may not be shown whole is masked on the way out unless somebody asks for it, and a mask is no
value on the way in: such a list cannot overwrite the register by accident.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Final, TypeVar

from domain import authorities, cells, contacts, officers, rota
from domain.authorities import Authority, Department, Level
from domain.contacts import Contact, ContactKind
from domain.csv_table import Column, guarded
from domain.officers import Officer
from domain.register_csv import RegisterTable
from domain.rota import Place, Shift

E = TypeVar("E", bound=Enum)

LEVEL_WORDS: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.PROVINCE: ("省级", "省"),
    Level.CITY: ("市级", "市"),
    Level.DISTRICT: ("区县级", "区县", "区", "县"),
    Level.GROUP: ("协调联络组",),
}
DEPARTMENT_WORDS: Final[Mapping[Department, tuple[str, ...]]] = {
    Department.ENVIRONMENT: ("生态环境", "环保"),
    Department.URBAN_MANAGEMENT: ("城管", "环卫", "城管/环卫"),
    Department.MARITIME: ("海事",),
    Department.POLICE: ("公安",),
    Department.COORDINATION: ("协调联络组",),
}
KIND_WORDS: Final[Mapping[ContactKind, tuple[str, ...]]] = {
    ContactKind.WECOM: ("企业微信", "企业微信群机器人"),
    ContactKind.DINGTALK: ("钉钉", "钉钉群机器人"),
    ContactKind.FEISHU: ("飞书", "飞书群机器人"),
    ContactKind.SMS: ("短信", "手机"),
    ContactKind.WEBHOOK: ("接口",),
    ContactKind.SMTP: ("邮件", "电子邮件"),
    ContactKind.BOARD: ("留言板", "站内留言板"),
}
PLACE_WORDS: Final[Mapping[Place, tuple[str, ...]]] = {
    Place.DUTY: ("值班员", "主班", "1"),
    Place.DEPUTY: ("副班", "2"),
    Place.HEAD: ("带班领导", "带班", "3"),
}
SET: Final = "****"
"""Stands in a list for a secret that was set."""

_text = partial(Column, read=cells.line_of_text, write=guarded, write_chinese=guarded, stand_in="?")
_maybe = partial(_text, needed=False)
_moment = partial(
    Column,
    read=cells.moment,
    write=cells.written_moment,
    write_chinese=cells.written_moment,
    stand_in=datetime.min,  # noqa: DTZ901 - without an offset, so that nothing is compared with it
)
_AUTHORITY_HEADERS: Final = ("执法部门编号", "部门编号")
_OFFICER_HEADERS: Final = ("执法人员编号", "人员编号")


def _word(
    field: str,
    headers: tuple[str, ...],
    words: Mapping[E, tuple[str, ...]],
    stand_in: E,
    **more: Any,  # noqa: ANN401 - as `Column` takes it
) -> Column:
    """A column of a few words, each with a code and what people write for it."""
    said = {_code(one): all_said for one, all_said in words.items()}
    codes = {_code(one): one for one in words}
    read, chinese = cells.word(said), cells.chinese(said)

    def read_one(cell: str) -> E:
        return codes[read(cell)]

    def write_chinese(value: E) -> str:
        return chinese(_code(value))

    return Column(field, headers, read_one, _code, write_chinese, stand_in=stand_in, **more)


def _written_names(ids: tuple[str, ...]) -> str:
    return guarded(" ".join(ids))


def _code(value: Enum) -> str:
    return value.value if isinstance(value.value, str) else value.name.lower()


AUTHORITIES: Final = RegisterTable(
    Authority,
    "authority_id",
    (
        _text("authority_id", _AUTHORITY_HEADERS),
        _text("name", ("名称", "执法部门名称")),
        _maybe("name_en", ("英文名称",), blank=""),
        _word("level", ("层级",), LEVEL_WORDS, Level.DISTRICT),
        Column("adcode", ("辖区", "区划代码"), cells.place, str, str, stand_in="310118"),
        _word("department", ("条线", "部门"), DEPARTMENT_WORDS, Department.ENVIRONMENT),
        Column(
            "substitutes",
            ("替补部门", "替补"),
            cells.names,
            _written_names,
            _written_names,
            needed=False,
            blank=(),
            stand_in=(),
        ),
    ),
    authorities.wrong_fields,
)
OFFICERS: Final = RegisterTable(
    Officer,
    "officer_id",
    (
        _text("officer_id", _OFFICER_HEADERS),
        _text("name", ("姓名",)),
        _text("home_authority", ("所属单位编号", "所属单位")),
        _maybe("seconded_to", ("借调单位编号", "借调单位")),
        Column("phone", ("手机", "电话", "手机号"), cells.phone, guarded, guarded, needed=False),
        _maybe("title", ("职务",), blank=""),
        _maybe("certificate", ("执法证号",)),
    ),
    officers.wrong_fields,
)
CONTACTS: Final = RegisterTable(
    Contact,
    "contact_id",
    (
        _text("contact_id", ("联系方式编号", "渠道编号")),
        _text("authority_id", _AUTHORITY_HEADERS),
        _maybe("officer_id", _OFFICER_HEADERS),
        _word("kind", ("渠道",), KIND_WORDS, ContactKind.BOARD),
        _text("address", ("地址", "号码"), read=cells.whole),
        _maybe("secret", ("密钥",), read=cells.whole, stand_in=None),
        # for people to read: only an answer from the other end makes a contact verified
        Column(
            "verified_at",
            ("核实时间",),
            lambda _: None,
            cells.written_moment,
            cells.written_moment,
            needed=False,
        ),
    ),
    contacts.wrong_fields,
)
SHIFTS: Final = RegisterTable(
    Shift,
    "shift_id",
    (
        _text("shift_id", ("班次编号",)),
        _text("authority_id", _AUTHORITY_HEADERS),
        _text("officer_id", _OFFICER_HEADERS),
        _moment("starts_at", ("开始时间", "上班时间")),
        _moment("ends_at", ("结束时间", "下班时间")),
        _word("place", ("班位",), PLACE_WORDS, Place.DUTY, needed=False, blank=Place.DUTY),
    ),
    rota.wrong_fields,
)


def masked_officer(officer: Officer) -> Officer:
    """As a list shows it."""
    return replace(officer, phone=officers.masked_phone(officer.phone))


def masked_contact(contact: Contact) -> Contact:
    """As a list shows it."""
    secret = None if contact.secret is None else SET
    return replace(contact, address=contacts.masked(contact), secret=secret)


MASKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    OFFICERS.key: masked_officer,
    CONTACTS.key: masked_contact,
}
"""By the key of a register: what makes an entry fit for a list."""
