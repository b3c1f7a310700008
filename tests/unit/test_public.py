"""Nothing on a wall tells who a person is."""

import pytest

from dashboard.public import without_phone


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("SU 13812345678", "SU …"),
        ("138-1234-5678 HAO", "… HAO"),
        ("货0917 138 1234 5678", "货0917 …"),
        ("+86 13812345678", "…"),
        ("MMSI 413000917", "MMSI 413000917"),
        ("青货0917", "青货0917"),
        ("ZHEJIASHAN HUO 12345", "ZHEJIASHAN HUO 12345"),
        ("2026-11-23 18:00", "2026-11-23 18:00"),
    ],
)
def test_a_telephone_number_in_a_name_is_hidden(said: str, shown: str) -> None:
    assert without_phone(said) == shown
