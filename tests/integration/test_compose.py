"""The production files: valid by the Compose schema, closed where they can be, and every command,
setting, path and network in them a real one. `tests/faults/test_production_shape.py` runs them.
"""

import json
import re
import subprocess
import sys

import jsonschema
import pytest
import yaml
from compose_file import COMPOSE, OURS, ROOT, SERVICES, TEXT, demanded, order, variables

SCHEMA = json.loads((ROOT / "tests/fixtures/compose/compose-spec.json").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")
EXAMPLE = (ROOT / "deploy" / "env.example").read_text("utf-8")
LONG = sorted(name for name, one in SERVICES.items() if one["restart"] != "no")
PIPES = {"store": "DATABASE_URL", "broker": "WHISTLE_KAFKA_BOOTSTRAP"}
"""A network, and the variable of those who use what is on it."""


def test_the_file_is_valid_by_the_compose_specification() -> None:
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(COMPOSE)) == []


def test_the_schema_would_find_a_mistake() -> None:
    wrong = yaml.safe_load(TEXT)
    wrong["services"]["ingest"]["depends_on"]["layers"]["condition"] = "service_is_fine"
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(wrong)) != []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_without_limits(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", LONG)
def test_what_stays_is_looked_at_and_gets_time_to_end(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries", "start_period"} <= (
        service["healthcheck"].keys()
    )
    assert service["healthcheck"]["test"][0] == "CMD"
    assert re.fullmatch(r"\d+s", service["stop_grace_period"])


def test_images_are_pinned() -> None:
    images = {service["image"] for service in SERVICES.values()}
    built = (ROOT / "deploy" / "proxy.Dockerfile").read_text("utf-8")
    images |= set(re.findall(r"^FROM (\S+)", built + DOCKERFILE, re.MULTILINE))
    assert all(re.search(r":[\w.]*\d[\w.-]*$", image) for image in images)
    pom = (ROOT / "ops" / "kafka" / "pom.xml").read_text("utf-8")
    tested = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)<", pom)
    assert tested is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{tested[1]}"


def test_the_image_runs_as_the_user_that_compose_names() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert {SERVICES[name]["user"] for name in OURS} == {"10001:10001"}


def test_what_is_written_belongs_to_who_writes_it() -> None:
    """A new volume has the owner of the folder in the image."""
    (spool,) = SERVICES["relay"]["volumes"]
    folder = spool.split(":")[1]
    assert SERVICES["relay"]["environment"]["WHISTLE_RELAY_SPOOL"] == folder
    assert f"install -d -o 10001 -g 10001 -m 700 {folder}\n" in DOCKERFILE


def test_nothing_is_published_to_the_world_by_default() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(re.match(r"\$\{\w+:-127\.0\.0\.1\}:", port) for port in published)
    assert {name for name, one in SERVICES.items() if "ports" in one} == {"relay", "proxy"}


def test_what_a_service_waits_for_exists_and_can_be_waited_for() -> None:
    assert len(order()) == len(SERVICES)
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert ("healthcheck" in SERVICES[other]) or not healthy
            assert healthy or SERVICES[other]["restart"] == "no"


def test_what_runs_once_is_waited_for() -> None:
    """Else `up --wait` takes its end for a failure."""
    once = {name for name, one in SERVICES.items() if one["restart"] == "no"}
    waited = {
        other
        for one in SERVICES.values()
        for other, how in one.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert waited == once


def test_volumes_and_networks_are_declared_and_used() -> None:
    mounts = [m for one in SERVICES.values() for m in one.get("volumes", []) if isinstance(m, str)]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith("./")}
    assert named == COMPOSE["volumes"].keys()
    for mount in mounts:
        if mount.startswith("./"):
            assert (ROOT / mount.split(":")[0]).is_dir()
            assert mount.endswith(":ro")
    used = {network for one in SERVICES.values() for network in one["networks"]}
    assert used == COMPOSE["networks"].keys()


def test_each_network_has_those_who_need_it_and_only_who_is_published_has_a_way_out() -> None:
    for network, variable in PIPES.items():
        on_it = {name for name, one in SERVICES.items() if network in one["networks"]}
        asking = {name for name in OURS if variable in SERVICES[name]["environment"]}
        assert on_it == asking | ({"store"} if network == "store" else {"kafka"})
    open_ = {name for name, one in COMPOSE["networks"].items() if not one.get("internal")}
    assert open_ & set(SERVICES["outbox"]["networks"]) == {"messengers"}  # it tells people
    for name, service in SERVICES.items():
        outwards = open_ - ({"messengers"} if name == "outbox" else set())
        assert bool(outwards & set(service["networks"])) == ("ports" in service), name
    for name in ("store", "kafka"):
        assert len(SERVICES[name]["networks"]) == 1


def test_who_reaches_receivers_or_people_has_no_password_of_the_store() -> None:
    for service in SERVICES.values():
        if "ports" in service:
            assert "STORE_PASSWORD" not in json.dumps(service["environment"])


def test_every_value_is_in_the_example_and_every_secret_is_demanded() -> None:
    told = set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))
    assert told == variables()
    empty = set(re.findall(r"^(\w+)=$", EXAMPLE, re.MULTILINE))
    assert empty == demanded()
    assert {name for name in variables() if "PASSWORD" in name} <= demanded()


@pytest.mark.parametrize("name", OURS)
def test_every_setting_of_ours_is_documented(name: str) -> None:
    """But for libpq's own."""
    given = SERVICES[name]["environment"].keys() - {"PGPASSWORD"}
    assert [one for one in sorted(given) if f"| `{one}` |" not in SETTINGS] == []


def test_the_proxy_gets_every_value_that_its_file_asks_for() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    asked = dict(re.findall(r"\{\$(\w+):([^}]+)\}", caddyfile))
    given = SERVICES["proxy"]["environment"].keys()
    assert given <= asked.keys()
    inner = {str(port).rpartition(":")[2] for port in SERVICES["proxy"]["ports"]}
    assert inner == {asked[f"WHISTLE_PROXY_{name}"] for name in ("HTTP", "HTTPS", "DOOR")}
    for name in ("WHISTLE_CONSOLE", "WHISTLE_DOOR"):
        service, _, port = asked[name].partition(":")
        assert any(port in str(word) for word in SERVICES[service]["command"])
        assert set(SERVICES[service]["networks"]) & set(SERVICES["proxy"]["networks"])


def test_the_broker_gets_every_value_that_its_script_asks_for() -> None:
    script = (ROOT / "deploy" / "kafka" / "start.sh").read_text("utf-8")
    assert {"WHISTLE_KAFKA_USER", "WHISTLE_KAFKA_PASSWORD", "KAFKA_INSIDE"} <= set(
        re.findall(r"\$\{(\w+):-", script)
    ) & SERVICES["kafka"]["environment"].keys()
    inside = SERVICES["kafka"]["environment"]["KAFKA_INSIDE"]
    assert SERVICES["relay"]["environment"]["WHISTLE_KAFKA_BOOTSTRAP"] == inside


def test_the_door_for_relays_elsewhere_fits_the_script() -> None:
    text = (ROOT / "deploy" / "outside.yml").read_text("utf-8")
    more = yaml.safe_load(text)
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(more)) == []
    kafka = more["services"]["kafka"]
    (secret,) = kafka["secrets"]
    script = (ROOT / "deploy" / "kafka" / "start.sh").read_text("utf-8")
    assert f"${{KAFKA_KEYSTORE:-/run/secrets/{secret}}}" in script
    assert set(kafka["environment"]) <= set(re.findall(r"\$\{(\w+):-", script))
    assert set(SERVICES["kafka"]["networks"]) < set(kafka["networks"])
    names = set(re.findall(r"\$\{(\w+)", text))
    assert names == set(re.findall(r"^# (\w+)=", EXAMPLE, re.MULTILINE))


def test_the_image_gets_every_room_and_the_lock() -> None:
    kept = (ROOT / ".dockerignore").read_text("utf-8")
    rooms = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    assert {room for room in rooms if f"!{room}/\n" not in kept} - {"bench"} == set()
    assert "--require-hashes" in DOCKERFILE
    for copied in ("requirements.lock", "pyproject.toml", ".streamlit/"):
        assert f"!{copied}\n" in kept


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda p: p.name)
def test_scripts_are_read_by_a_plain_shell(script: object) -> None:
    done = subprocess.run(["sh", "-n", str(script)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_known_to_the_program_with_all_its_options(name: str) -> None:
    """`--help` after the arguments makes the program check every option before it."""
    command = [str(word) for word in SERVICES[name]["command"]]
    options = [word for word in command if word.startswith("--")]
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *command, "--help"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={"COLUMNS": "200", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert [option for option in options if option not in done.stdout] == []
