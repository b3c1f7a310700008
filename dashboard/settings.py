"""Settings of the console."""

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConsoleSettings(BaseSettings):
    """How the console runs, from the environment (docs/settings.md lists each)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore", populate_by_name=True)

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    live_horizon_h: float = Field(default=24.0, gt=0, le=168)
    tail_min: float = Field(default=6.0, ge=0, le=60)
    silent_s: float = Field(default=2.5, ge=1, le=60)
    recent_crossings: int = Field(default=40, ge=1, le=500)
    live_alerts: int = Field(default=400, ge=1, le=2000)
    console_origins: str = ""
    """Origins, by comma, whose pages may connect: where a proxy serves the console."""

    @property
    def origins(self) -> list[str]:
        return [
            each.strip().rstrip("/") for each in self.console_origins.split(",") if each.strip()
        ]


@cache
def console_settings() -> ConsoleSettings:
    """The settings of this process, read once."""
    return ConsoleSettings()
