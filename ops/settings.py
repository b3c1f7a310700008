"""Settings of running the whole on one machine."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CLONE = Path(__file__).resolve().parents[1]
"""The folder that this program stands in."""


class RunSettings(BaseSettings):
    """Where the demo listens and keeps its data, from the environment (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    data_dir: Path | None = None
    console_host: str = "127.0.0.1"
    console_port: int = Field(default=8501, ge=1, le=65535)
    ack_host: str = "127.0.0.1"
    ack_port: int = Field(default=8502, ge=1, le=65535)
    nmea_host: str = "127.0.0.1"
    nmea_port: int = Field(default=10110, ge=1, le=65535)
    receive_host: str = "127.0.0.1"
    receive_port: int = Field(default=10112, ge=1, le=65535)
    history: str = Field(default="2h", pattern=r"^([1-9]\d*[smhd])?$")
    chromium_path: Path | None = Field(default=None, validation_alias="CHROMIUM_PATH")


def child_environment(**more: str) -> dict[str, str]:
    """Our environment for a child, with `more`; output is UTF-8 and not held back."""
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **more}
