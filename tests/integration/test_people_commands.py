"""`whistle registers` and `whistle rota` for people: in, out, masked, swapped, as a calendar."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from domain.cells import written_moment
from domain.clock import utc_now

NOW = utc_now().replace(minute=0, second=0, microsecond=0)
FROM, TO, LATER = (written_moment(NOW + timedelta(hours=hours)) for hours in (-1, 7, 15))
FILES = {
    "authorities": "authority_id,name,name_en,level,adcode,department,substitutes\n"
    "ks-env,昆山试验局,Trial,district,320583,environment,zone\n"
    "zone,协调联络组,,group,310118,coordination,\n",
    "officers": "officer_id,name,home_authority,seconded_to,phone,title,certificate\n"
    "o-1,申一,ks-env,,10000000001,,\no-2,申二,ks-env,zone,10000000002,,\n",
    "contacts": "contact_id,authority_id,officer_id,kind,address,secret,verified_at\n"
    "c-1,ks-env,,dingtalk,https://robot.example/s?access_token=k3y,SEC,\n"
    "c-2,ks-env,o-1,sms,10000000001,,\n",
    "shifts": "shift_id,authority_id,officer_id,starts_at,ends_at,place\n"
    f"s-1,ks-env,o-1,{FROM},{TO},duty\ns-2,ks-env,o-2,{TO},{LATER},duty\n",
}


def run(url: str, *words: str, exit_code: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    return done.stdout, done.stderr


def whistle(url: str, *words: str, exit_code: int = 0) -> list[dict[str, Any]]:
    said, _ = run(url, *words, exit_code=exit_code)
    return [json.loads(line) for line in said.splitlines()]


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> str:
    for name, text in FILES.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(text, "utf-8")
        told = whistle(database_url, "registers", "import", name, str(file))
        assert (len(told[0]["added"]), told[0]["stored"]) == (2, True)
    return database_url


def test_out_as_in_where_all_of_it_is_asked_for(filled: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for name, text in FILES.items():
        whistle(filled, "registers", "export", name, str(out), "--whole")
        assert out.read_bytes() == b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        told = whistle(filled, "registers", "import", name, str(out))
        assert (told[0]["unchanged"], told[0]["stored"]) == (2, False)


def test_lists_hide_and_do_not_come_back(filled: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for name, columns in (("officers", ["phone"]), ("contacts", ["address", "secret"])):
        whistle(filled, "registers", "export", name, str(out))
        for secret in ("10000000001", "k3y", "SEC"):
            assert secret not in out.read_text("utf-8")
        told = whistle(filled, "registers", "import", name, str(out), exit_code=2)
        assert {one["column"] for one in told} == set(columns)


def test_who_is_unknown_is_named_by_line(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        FILES["shifts"].replace("s-1,ks-env,o-1", "s-8,ks-env,o-8").replace("s-2,ks-env", "s-9,no"),
        "utf-8",
    )
    said, beside = run(filled, "registers", "import", "shifts", str(file), exit_code=2)
    told = [json.loads(line) for line in said.splitlines()]
    assert [(one["line"], one["column"], one["got"]) for one in told] == [
        (2, "officer_id", "o-8"),
        (3, "authority_id", "no"),
        (3, "officer_id", "o-2"),
    ]
    assert "3 faults" in beside
    left = whistle(filled, "registers", "remove", "shifts", "s-8", "s-1", "--reason", "called off")
    assert left == [{"removed": ["s-1"], "not_held": ["s-8"]}]


def test_who_is_on_duty_and_a_swap(filled: str) -> None:
    office = whistle(filled, "rota", "now")[0]
    assert office["duty"] == {"officer": "o-1", "name": "申一", "phone": "100****0001"}
    assert (office["deputy"], office["head"]) == (None, None)
    told = whistle(filled, "rota", "swap", "s-1", "s-2", "--reason", "a wedding")
    assert told == [
        {"shift": "s-1", "officer": ["o-1", "o-2"]},
        {"shift": "s-2", "officer": ["o-2", "o-1"]},
    ]
    assert whistle(filled, "rota", "now")[0]["duty"]["officer"] == "o-2"
    later = (NOW + timedelta(hours=8)).isoformat()
    assert whistle(filled, "rota", "now", "--at", later)[0]["duty"]["officer"] == "o-1"
    for pair, said in ((("s-1", "s-9"), "'s-9'"), (("s-1", "s-1"), "two different")):
        _, beside = run(filled, "rota", "swap", *pair, "--reason", "x", exit_code=2)
        assert said in beside


def test_a_code_goes_out_and_another_is_refused(filled: str) -> None:
    told = whistle(filled, "contacts", "check", "c-2", "--english")
    assert (told[0]["contact"], told[0]["to"]) == ("c-2", "100****0001")
    _, beside = run(filled, "contacts", "confirm", "c-2", "no", exit_code=2)
    assert "the code is wrong or no longer counts" in beside
    _, beside = run(filled, "contacts", "check", "c-2", exit_code=2)
    assert "the next code may go in" in beside


def test_the_rota_as_a_calendar(filled: str, tmp_path: Path) -> None:
    out = tmp_path / "rota.ics"
    told = whistle(filled, "rota", "ical", str(out), "--authority", "ks-env")
    assert told == [{"shifts": 2, "file": str(out)}]
    read = Calendar.from_ical(out.read_bytes())
    assert [one["summary"] for one in read.walk("VEVENT")] == ["值班员 申一", "值班员 申二"]
    assert b"10000000001" not in out.read_bytes()
    _, beside = run(filled, "rota", "ical", "--authority", "nobody", exit_code=2)
    assert "'nobody'" in beside
