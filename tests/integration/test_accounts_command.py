"""`whistle accounts` and `whistle displays` as people type them; the first start tells once."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from sign_in_parts import Clock, entrance_of

from dashboard.first_account import ensure_first_account
from db.account import account_by_login, accounts
from domain.actors import Role
from seed.accounts import load_accounts

ROOT = Path(__file__).parents[2]


def whistle(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def said(ran: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert (ran.returncode, ran.stderr) == (0, "")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_an_account_s_life_at_the_command_line(database_url: str) -> None:
    (made,) = said(
        whistle(
            database_url,
            *("accounts", "add", "Li.Zhiban", "李值班", "--role", "duty_officer"),
            *("--district", "310118"),
        )
    )
    assert made["login"] == "li.zhiban"
    assert re.fullmatch(r"(\w{4}-){4}\w{4}", str(made["password"]))
    (again,) = said(whistle(database_url, "accounts", "reset", "li.zhiban"))
    assert again["password"] != made["password"]
    changed = whistle(database_url, "accounts", "role", "li.zhiban", "--role", "controller")
    assert said(changed) == [{"login": "li.zhiban", "changed": True}]
    assert said(whistle(database_url, "accounts", "disable", "li.zhiban"))[0]["changed"] is True
    listed = whistle(database_url, "accounts", "list")
    (one,) = said(listed)
    assert (one["role"], one["adcode"], one["must_change"]) == ("controller", None, True)
    assert one["disabled_at"] is not None
    assert "argon2" not in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("accounts", "add", "a b", "甲", "--role", "viewer"), "login"),
        (("accounts", "add", "a", "甲", "--role", "viewer", "--district", "x"), "adcode"),
        (("accounts", "disable", "nobody"), "no account has the login"),
        (("displays", "issue", " "), "screen"),
    ],
)
def test_what_is_wrong_is_named(database_url: str, arguments: tuple[str, ...], named: str) -> None:
    answer = whistle(database_url, *arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert named in answer.stderr


def test_a_wall_s_token_at_the_command_line(database_url: str) -> None:
    (made,) = said(whistle(database_url, "displays", "issue", "三楼"))
    assert len(str(made["token"])) == 43
    display = str(made["display_id"])
    assert said(whistle(database_url, "displays", "revoke", display))[0]["revoked"] is True
    listed = whistle(database_url, "displays", "list")
    assert str(made["token"]) not in listed.stdout
    assert said(listed)[0]["revoked_at"] is not None


async def test_the_first_start_tells_once(
    pool: asyncpg.Pool, clock: Clock, cheap: None, capsys: pytest.CaptureFixture[str]
) -> None:
    console = entrance_of(pool, clock, demo=False)
    await asyncio.gather(*(ensure_first_account(console.people) for _ in range(3)))
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("sign in as  admin") == 1
    await ensure_first_account(console.people)
    assert capsys.readouterr().err == ""


async def test_a_start_before_the_store_is_there_waits_for_it(
    pool: asyncpg.Pool,
    clock: Clock,
    cheap: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await pool.execute("alter table account rename to account_gone")
    tried = asyncio.Event()

    async def pause(_: float) -> None:
        tried.set()
        await pool.execute("alter table account_gone rename to account")

    monkeypatch.setattr("dashboard.first_account.asyncio.sleep", pause)
    await ensure_first_account(entrance_of(pool, clock, demo=False).people)
    assert tried.is_set()
    assert "sign in as  admin" in capsys.readouterr().err


async def test_the_demo_has_an_account_per_role_and_one_of_its_own(
    pool: asyncpg.Pool, clock: Clock, cheap: None
) -> None:
    async with pool.acquire() as connection:
        first = await load_accounts(connection, clock())
        assert first is not None
        assert await load_accounts(connection, clock()) is None
        admin = await account_by_login(connection, "admin")
        assert admin is not None
        assert admin.must_change
        made = [one for one in await accounts(connection) if one.demo]
    assert {one.role for one in made} == set(Role)
    assert {one.password_hash for one in made} == {None}
