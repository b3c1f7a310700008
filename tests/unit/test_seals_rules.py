"""What is signed of a chain's head, and what is found when events and seals do not agree."""

import stat
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.events import GENESIS, NewEvent, chained
from domain.seals import (
    NO_SEAL,
    FitCheck,
    RowDigest,
    Seal,
    SequenceCheck,
    digest,
    frame,
    key_id,
)
from ops.doctor import State, seals
from ops.settings import RunSettings
from streams.seal_key import (
    KeyThere,
    PublicKeys,
    SealKey,
    public_file,
    remember,
    remembered,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SEALS = st.builds(
    Seal,
    number=st.integers(1, 2**63 - 1),
    previous=st.binary(max_size=33),
    stream_kind=st.text(max_size=4),
    stream_id=st.text(max_size=4),
    seq=st.integers(1, 2**63 - 1),
    hash=st.binary(max_size=33),
    row_digest=st.binary(max_size=33),
    sealed_at=st.datetimes(timezones=st.just(UTC)),
    key_id=st.text(max_size=4),
    signature=st.binary(max_size=65),
)
FIELDS = [field.name for field in fields(Seal)]


@given(one=SEALS, other=SEALS, taken=st.sets(st.sampled_from(FIELDS)))
def test_two_seals_share_what_is_signed_only_when_they_are_the_same(
    one: Seal, other: Seal, taken: set[str]
) -> None:
    mixed = replace(one, **{name: getattr(other, name) for name in taken})
    signed = mixed == replace(one, signature=mixed.signature)
    assert (frame(mixed) == frame(one)) == signed
    assert (digest(mixed) == digest(one)) == (mixed == one)


@given(left=st.text(max_size=6), right=st.text(max_size=6), cut=st.integers(0, 6))
def test_what_moves_from_one_field_to_the_next_is_signed_otherwise(
    left: str, right: str, cut: int
) -> None:
    whole = left + right
    base = Seal(1, NO_SEAL, left, right, 1, GENESIS, b"", NOON, "k", b"")
    moved = replace(base, stream_kind=whole[:cut], stream_id=whole[cut:])
    assert (frame(moved) == frame(base)) == (moved == base)


def test_the_frame_stays_as_it_was() -> None:
    """Seals that stand in stores were made over these bytes."""
    seal = Seal(7, NO_SEAL, "incident", "a", 3, b"\x01" * 32, b"\x02", NOON, "k1", b"\x03" * 64)
    assert digest(seal).hex() == (
        "042c034784adacf3c271b2d22712f1a1364882976a5fd16f3df2a487ff5e4283"
    )
    assert frame(seal).startswith(b"whistle seal 1\0\0\0\0\0\0\0\x017\0\0\0\0\0\0\0\x20")
    assert key_id(bytes(32)) == "66687aadf862bd77"


def test_a_seal_alone_and_a_seal_beside_its_event() -> None:
    told = NewEvent("incident", "a", "x", "t", NOON, {})
    event = chained(told, 1, NOON, GENESIS)
    rows = RowDigest()
    rows.take(11)
    seal = Seal(1, NO_SEAL, "incident", "a", 1, event.hash, rows.close(), NOON, "k", b"s")

    def faults(*taken: tuple[object, ...], signed: bool | None = True) -> list[str]:
        check = FitCheck(lambda *_: signed)
        for event_, row, seal_ in taken:
            check.take(event_, row, seal_)
        return check.faults()

    assert faults((event, 11, seal)) == []
    assert faults((event, 12, seal)) == ["seal 1: row numbers of the events up to 1 were changed"]
    assert faults((event, 11, replace(seal, hash=GENESIS)))[0].startswith(
        "seal 1 does not fit event 1: the chain was rewritten after 2026-05-04T12:00:00+00:00"
    )
    assert faults((None, None, seal))[0].startswith("seal 1 vouches for event 1, which is not")
    assert faults((event, 11, seal), signed=False)[0].startswith("seal 1 does not bear")
    assert faults((event, 11, seal), signed=None)[0].startswith("seal 1 is of key k, which is none")
    many = faults(*[(None, None, seal)] * 15)
    assert (len(many), many[-1]) == (11, "and 5 more")


@given(lost=st.integers(0, 8), size=st.integers(2, 8))
def test_a_gap_among_the_seals_is_found_wherever_it_is(lost: int, size: int) -> None:
    seals: list[Seal] = []
    for number in range(1, size + 1):
        previous = digest(seals[-1]) if seals else NO_SEAL
        at = NOON + timedelta(seconds=number)
        seals.append(Seal(number, previous, "a", "b", number, b"h", b"r", at, "k", b"s"))
    check = SequenceCheck(lambda *_: True)
    for seal in seals[:lost] + seals[lost + 1 :]:
        check.take(seal)
    # the end cut off shows by what was noted of it elsewhere only
    assert bool(check.faults()) == (lost < size - 1)
    assert SequenceCheck(lambda *_: False).faults() == []


def test_a_key_is_its_owners_only_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    made = SealKey.make(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seal.key", "seal.key.pub"]
    with pytest.raises(KeyThere):
        SealKey.make(file)
    assert public_file(file).read_text().count("BEGIN") == 1
    keys = PublicKeys.load(public_file(file))
    signature = SealKey.load(file).sign(b"x")
    assert keys.ids() == [made.key_id]
    assert keys.signed(made.key_id, b"x", signature) is True
    assert keys.signed(made.key_id, b"y", signature) is False
    assert keys.signed(made.key_id, b"x", b"") is False
    assert keys.signed("other", b"x", signature) is None
    secret = file.read_text().splitlines()[1]
    assert secret not in repr(made) + str(made.__dict__) + made.public_pem()


def test_what_is_no_key_is_said(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    for load in (SealKey.load, PublicKeys.load):
        with pytest.raises(InvalidInput):
            load(file)
    file.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    for load in (SealKey.load, PublicKeys.load):
        with pytest.raises(InvalidInput):
            load(file)
    file.unlink()
    SealKey.make(file)
    with pytest.raises(InvalidInput, match="something else than public keys"):
        PublicKeys.load(file)
    with pytest.raises(InvalidInput, match="no Ed25519 private key"):
        SealKey.load(public_file(file))
    with pytest.raises(InvalidInput):
        SealKey.make(tmp_path / "no folder" / "seal.key")


def test_the_newest_seal_is_remembered_beside_the_key(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    assert remembered(file) is None
    assert remember(file, 7, b"\x01" * 32)
    assert remember(file, 8, b"\x02" * 32)
    assert remembered(file) == (8, b"\x02" * 32)
    assert [path.name for path in tmp_path.iterdir()] == ["seal.key.last"]
    (tmp_path / "seal.key.last").write_text("{")
    with pytest.raises(InvalidInput):
        remembered(file)
    assert not remember(tmp_path / "no folder" / "seal.key", 1, b"")


def test_the_doctor_looks_at_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "seal.key"
    settings = RunSettings(DATABASE_URL="postgresql://elsewhere/x")

    def state() -> State:
        (finding,) = seals(settings)
        assert (finding.state is State.GOOD) == (not finding.mend)
        return finding.state

    monkeypatch.delenv("WHISTLE_SEAL_KEY_FILE", raising=False)
    assert state() is State.NOTE
    monkeypatch.setenv("WHISTLE_SEAL_KEY_FILE", str(file))
    assert state() is State.NOTE
    SealKey.make(file)
    assert state() is State.GOOD
    file.chmod(0o640)
    assert state() is State.MISSING
    file.chmod(0o600)
    public_file(file).unlink()
    assert state() is State.NOTE
    file.write_text("x")
    assert state() is State.MISSING
