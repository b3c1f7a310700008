import pytest

from domain.errors import InvalidInput
from streams.sources.address import parse_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:10110", ("127.0.0.1", 10110)),
        (" ais.example:0 ", ("ais.example", 0)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text", ["", "10110", ":10110", "host:", "host:port", "host:65536", "::1:80", "host:-1", "a:٣"]
)
def test_what_is_no_address_is_said_with_its_field(text: str):
    with pytest.raises(InvalidInput, match="listen") as caught:
        parse_address(text, "listen")
    assert caught.value.field == "listen"
