"""The production files: valid by the Compose schema, and every command in them a real one."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests/fixtures/compose/compose-spec.json").read_text("utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("whistle:"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_file_is_valid_by_the_compose_specification() -> None:
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(COMPOSE)) == []


def test_the_schema_would_find_a_mistake() -> None:
    wrong = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    wrong["services"]["ingest"]["depends_on"]["layers"]["condition"] = "service_is_fine"
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(wrong)) != []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_without_limits(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    if service["restart"] != "no":
        assert "healthcheck" in service


def test_the_image_runs_as_the_user_that_compose_names() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert {SERVICES[name]["user"] for name in OURS} == {"10001:10001"}


def test_nothing_is_published_to_the_world_by_default() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(re.match(r"\$\{\w+:-127\.0\.0\.1\}:", port) for port in published)


def test_what_a_service_waits_for_exists_and_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert ("healthcheck" in SERVICES[other]) or not healthy


def test_every_value_that_has_to_be_set_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    example = (ROOT / "deploy" / "env.example").read_text("utf-8")
    names = set(re.findall(r"\$\{(\w+)", text))
    assert {name for name in names if not re.search(rf"^{name}=", example, re.MULTILINE)} == set()


def test_the_image_gets_every_room_and_the_lock() -> None:
    kept = (ROOT / ".dockerignore").read_text("utf-8")
    rooms = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    assert {room for room in rooms if f"!{room}/\n" not in kept} - {"bench"} == set()
    assert "--require-hashes" in DOCKERFILE
    for copied in ("requirements.lock", "pyproject.toml", ".streamlit/"):
        assert f"!{copied}\n" in kept


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


class Container:
    """A service of ours as a process: its command and its health check, on a port that is free."""

    def __init__(self, name: str, own_port: int, database_url: str) -> None:
        self.service = SERVICES[name]
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.own_port = own_port
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "DATABASE_URL": database_url,
        }

    def here(self, word: str) -> str:
        """A word of the service with our port for the container's."""
        if not self.own_port:
            return word
        word = word.replace(f"{self.own_port:04X}", f"{self.port:04X}")
        return word.replace(str(self.own_port), str(self.port)).replace("0.0.0.0", "127.0.0.1")  # noqa: S104

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [self.here(str(word)) for word in self.service["command"]]
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=said,
                stderr=said,
            )
            try:
                yield process
            except BaseException:
                said.seek(0)
                print(said.read().decode())
                raise
            finally:
                process.terminate()
                code = process.wait(30)
        assert code in {0, -signal.SIGTERM}

    def healthy(self) -> bool:
        _, *words = self.service["healthcheck"]["test"]
        words = [self.here(word) for word in words]
        return subprocess.run(words, check=False, env=self.environment).returncode == 0


def test_the_whole_comes_up_in_the_order_of_the_file(empty_database_url: str) -> None:
    """The same commands as processes, each found healthy by the check that compose would run."""
    for name in ("migrate", "layers"):
        with Container(name, 0, empty_database_url).running() as once:
            assert once.wait(120) == 0
    for name, own_port in (("ingest", 10110), ("receive", 10112), ("watch", 0), ("console", 8501)):
        container = Container(name, own_port, empty_database_url)
        assert not container.healthy()
        with container.running() as process:
            while not container.healthy():
                assert process.poll() is None
        assert not container.healthy()
