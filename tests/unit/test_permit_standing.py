"""How a paper stands: days begin at midnight in Shanghai, a withdrawal at its own moment."""

from datetime import UTC, date, datetime

import pytest
from papers import paper

from domain.clock import SHANGHAI
from domain.permit_standing import Standing, standing, used_up

TERM = {"first_day": date(2026, 3, 1), "last_day": date(2026, 8, 31)}


@pytest.mark.parametrize(
    ("at", "stands"),
    [
        ("2026-02-28T23:59:59", Standing.NOT_YET_VALID),
        ("2026-03-01T00:00:00", Standing.IN_FORCE),
        ("2026-08-01T23:59:59", Standing.IN_FORCE),
        ("2026-08-02T00:00:00", Standing.EXPIRING),
        ("2026-08-31T23:59:59", Standing.EXPIRING),
        ("2026-09-01T00:00:00", Standing.EXPIRED),
    ],
)
def test_by_its_term(at: str, stands: Standing) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert standing(paper(**TERM), moment) is stands
    assert standing(paper(**TERM), moment.astimezone(UTC)) is stands


def test_a_withdrawal_comes_before_its_term() -> None:
    ended = datetime(2026, 5, 1, 12, tzinfo=UTC)
    one = paper(**TERM, withdrawn_at=ended)
    assert standing(one, ended) is Standing.WITHDRAWN
    assert standing(one, datetime(2026, 5, 1, 11, tzinfo=UTC)) is Standing.IN_FORCE
    assert standing(one, datetime(2027, 1, 1, tzinfo=UTC)) is Standing.WITHDRAWN


def test_what_is_used_up() -> None:
    assert used_up(paper(quantity_t=100.0, used_t=100.0))
    assert used_up(paper(quantity_t=100.0, used_t=120.0))
    assert not used_up(paper(quantity_t=100.0, used_t=99.0))
    assert not used_up(paper(quantity_t=None, used_t=99.0))
