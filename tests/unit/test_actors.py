"""Who may do what: the published table is the rule, and the rule holds for every account."""

from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.actors import EVERYWHERE, GRANTS, WHOLE, Actor, Deed, Forbidden, Role, check, may

PAGE = (Path(__file__).parents[2] / "docs" / "roles.md").read_text("utf-8")
CHINESE = {
    "查看": Role.VIEWER,
    "值班员": Role.DUTY_OFFICER,
    "指挥调度员": Role.CONTROLLER,
    "指挥长": Role.COMMANDER,
    "名录管理员": Role.REGISTRAR,
    "审计员": Role.AUDITOR,
}
districts = st.sampled_from(["310118", "320509", "330421"])
deeds = st.sampled_from(list(Deed))
roles = st.sampled_from(list(Role))


def rows() -> list[list[str]]:
    """Cells of the page's table of deeds, the head first, without the rule under it."""
    part = PAGE.split("## The table", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells[0], *cells[2:]]


def documented() -> dict[Deed, dict[Role, str]]:
    """Deed → role → `—`, `own` or `all`, as the page says."""
    head, *body = rows()
    columns = [CHINESE[name.split()[-1]] for name in head[2:]]
    return {Deed(line[0].strip("`")): dict(zip(columns, line[2:], strict=True)) for line in body}


def test_the_page_names_every_deed_and_every_role() -> None:
    assert list(documented()) == list(Deed) == list(GRANTS)
    assert all(list(cells) == list(Role) for cells in documented().values())


@pytest.mark.parametrize("deed", list(Deed))
def test_the_page_says_what_is_granted(deed: Deed) -> None:
    said = documented()[deed]
    reach = "all" if deed in WHOLE else "own"
    assert said == {role: reach if role in GRANTS[deed] else "—" for role in Role}


@pytest.mark.parametrize(("deed", "role"), list(product(Deed, Role)))
def test_every_deed_by_every_role_at_home_abroad_and_everywhere(deed: Deed, role: Role) -> None:
    cell = documented()[deed][role]
    bound, free = Actor("甲", role, "310118"), Actor("乙", role)
    assert may(free, deed, ["320509"]) == may(free, deed, [EVERYWHERE]) == (cell != "—")
    assert may(bound, deed, ["310118"]) == may(bound, deed) == (cell == "own")
    assert may(bound, deed, ["320509", "310118"]) == (cell == "own")
    assert not may(bound, deed, ["320509"])
    assert not may(bound, deed, [EVERYWHERE])


def test_those_who_look_change_nothing() -> None:
    assert [deed for deed in Deed if Role.VIEWER in GRANTS[deed]] == []
    assert [deed for deed in Deed if Role.AUDITOR in GRANTS[deed]] == [Deed.AUDIT_READ]


@given(deed=deeds, adcodes=st.sets(districts), name=st.text())
def test_a_part_of_the_product_may_do_all(deed: Deed, adcodes: set[str], name: str) -> None:
    check(Actor.system(name), deed, adcodes)
    check(Actor.system(name), deed, [EVERYWHERE])


@given(role=roles, deed=deeds, home=districts, adcodes=st.sets(districts))
def test_a_bound_account_may_never_do_more_than_a_free_one(
    role: Role, deed: Deed, home: str, adcodes: set[str]
) -> None:
    bound = may(Actor("甲", role, home), deed, adcodes)
    assert not bound or may(Actor("甲", role), deed, adcodes)
    assert not bound or not adcodes or home in adcodes


@given(role=roles, deed=deeds, home=districts, adcodes=st.sets(districts, min_size=1))
def test_a_district_more_takes_nothing_away(
    role: Role, deed: Deed, home: str, adcodes: set[str]
) -> None:
    actor = Actor("甲", role, home)
    assert may(actor, deed, adcodes) <= may(actor, deed, {*adcodes, home})


@given(role=roles, deed=deeds, home=districts, asked=st.sets(districts, min_size=1))
def test_a_refusal_tells_the_deed_and_the_account_s_own_district_only(
    role: Role, deed: Deed, home: str, asked: set[str]
) -> None:
    actor = Actor("甲", role, home, UUID(int=7))
    assume(not may(actor, deed, asked))
    with pytest.raises(Forbidden) as refused:
        check(actor, deed, asked)
    assert str(refused.value) == f"{deed} is not allowed in {home}"
    assert (refused.value.code, refused.value.deed) == ("forbidden", deed)
