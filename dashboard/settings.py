"""Settings of the console."""

from datetime import timedelta
from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.sign_in import Lifetime


class ConsoleSettings(BaseSettings):
    """How the console runs, from the environment (docs/settings.md lists each)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore", populate_by_name=True)

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    live_horizon_h: float = Field(default=24.0, gt=0, le=168)
    tail_min: float = Field(default=6.0, ge=0, le=60)
    silent_s: float = Field(default=2.5, ge=1, le=60)
    recent_crossings: int = Field(default=40, ge=1, le=500)
    live_alerts: int = Field(default=400, ge=1, le=2000)
    session_idle_h: float = Field(default=12.0, gt=0, le=168)
    session_days: float = Field(default=7.0, gt=0, le=90)
    demo_sign_in: bool = False
    console_proxies: str = "127.0.0.1"
    console_origins: str = ""
    """Origins, by comma, whose pages may connect: where a proxy serves the console."""

    @property
    def lifetime(self) -> Lifetime:
        """How long a session lasts."""
        return Lifetime(timedelta(hours=self.session_idle_h), timedelta(days=self.session_days))

    @property
    def origins(self) -> list[str]:
        return [
            each.strip().rstrip("/") for each in self.console_origins.split(",") if each.strip()
        ]


@cache
def console_settings() -> ConsoleSettings:
    """The settings of this process, read once."""
    return ConsoleSettings()
