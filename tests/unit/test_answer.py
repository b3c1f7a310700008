"""Answers: the same content for every client, packed only for those that unpack."""

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.answer import BRIEF, send, takes_gzip
from dashboard.bodies import pack

BODY = pack(b"long " * 1000, "text/plain")


def ask(**headers: str) -> Response:
    named = [(key.replace("_", "-").encode(), said.encode()) for key, said in headers.items()]
    return send(Request({"type": "http", "headers": named}), BODY, BRIEF)


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br;q=1.0, *;q=0.1", True),
        ("", False),
        ("identity", False),
        ("br, gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
    ],
)
def test_what_a_client_takes(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


def test_packed_for_those_that_unpack() -> None:
    answer = ask(accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(answer.body)) == b"long " * 1000


def test_plain_for_the_others() -> None:
    answer = ask()
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "accept-encoding"
    assert bytes(answer.body) == b"long " * 1000


def test_what_a_client_has_is_not_sent_again() -> None:
    for headers in ({"accept_encoding": "gzip"}, {}):
        etag = ask(**headers).headers["etag"]
        assert ask(if_none_match=etag, **headers).status_code == 304
    assert ask(if_none_match=etag, accept_encoding="gzip").status_code == 200
