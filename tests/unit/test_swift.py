"""The everyday position reports, read by us, against pyais field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyais.bit_vector import bit_vector
from pyais.messages import MSG_CLASS

from streams.contracts.swift import ARMOUR, CHARACTERS, SwiftReport, read_swiftly

payloads = st.tuples(
    st.sampled_from([1, 2, 3, 18]),
    st.lists(st.sampled_from(ARMOUR), min_size=CHARACTERS - 1, max_size=CHARACTERS - 1),
)


@given(payloads)
def test_every_field_is_what_pyais_reads(given: tuple[int, list[int]]) -> None:
    kind, rest = given
    armoured = bytes([ARMOUR[kind], *rest])
    ours = read_swiftly(armoured, kind)
    theirs = MSG_CLASS[kind].from_vector(bit_vector(armoured, 0))
    assert ours is not None
    for field in SwiftReport._fields:
        if field == "status" and kind == 18:
            assert ours.status == 15
        else:
            assert getattr(ours, field) == getattr(theirs, field), field


@pytest.mark.parametrize("kind", [4, 5, 19, 24, 27])
def test_other_types_are_left_to_pyais(kind: int) -> None:
    assert read_swiftly(bytes([ARMOUR[kind]]) * CHARACTERS, kind) is None


@pytest.mark.parametrize("length", [1, 27, 29])
def test_other_lengths_are_left_to_pyais(length: int) -> None:
    assert read_swiftly(b"1" * length, 1) is None
