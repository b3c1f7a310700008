"""Contacts: what each kind of address must look like, and what of it may be shown."""

import pytest

from domain.contacts import Contact, ContactKind, masked, wrong_fields


def contact(kind: ContactKind, address: str, secret: str | None = None) -> Contact:
    return Contact("c-1", "kunshan-env", None, kind, address, secret)


RIGHT = [
    (ContactKind.WECOM, "https://robot.example/cgi-bin/webhook/send?key=abc"),
    (ContactKind.DINGTALK, "http://127.0.0.1:8080/robot/send?access_token=abc"),
    (ContactKind.FEISHU, "https://robot.example/open-apis/bot/v2/hook/abc"),
    (ContactKind.WEBHOOK, "https://office.example/in"),
    (ContactKind.SMS, "+8613800000000"),
    (ContactKind.SMTP, "duty@office.example"),
    (ContactKind.BOARD, "kunshan-env"),
]
WRONG = [
    (ContactKind.WECOM, "robot.example/send"),
    (ContactKind.DINGTALK, "ftp://robot.example/"),
    (ContactKind.WEBHOOK, "https://office.example"),
    (ContactKind.WEBHOOK, "https://office.example/a b"),
    (ContactKind.SMS, "1380"),
    (ContactKind.SMS, "+86 138 0000 0000"),
    (ContactKind.SMS, "１３８００００００００"),
    (ContactKind.SMTP, "duty"),
    (ContactKind.SMTP, "a@b@office.example"),
    (ContactKind.SMTP, "duty@office.example\nBcc: all@office.example"),
    (ContactKind.BOARD, ""),
]


@pytest.mark.parametrize(("kind", "address"), RIGHT)
def test_what_is_an_address(kind: ContactKind, address: str) -> None:
    assert wrong_fields(contact(kind, address)) == []


@pytest.mark.parametrize(("kind", "address"), WRONG)
def test_what_is_none(kind: ContactKind, address: str) -> None:
    assert [fault.field for fault in wrong_fields(contact(kind, address))] == ["address"]


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        (ContactKind.SMS, "13800001234", "138****1234"),
        (ContactKind.SMS, "10086", "****"),
        (ContactKind.SMTP, "duty@office.example", "d***@office.example"),
        (ContactKind.WECOM, "https://robot.example/cgi-bin/send?key=abc", "robot.example"),
        (ContactKind.BOARD, "kunshan-env", "kunshan-env"),
    ],
)
def test_no_key_and_no_number_is_shown_whole(kind: ContactKind, address: str, shown: str) -> None:
    assert masked(contact(kind, address)) == shown


def test_only_what_signs_has_a_secret() -> None:
    assert wrong_fields(contact(*RIGHT[1], "SEC1")) == []
    assert [fault.field for fault in wrong_fields(contact(*RIGHT[0], "SEC1"))] == ["secret"]
