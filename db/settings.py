"""Settings of the database room."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import InvalidInput


class DatabaseSettings(BaseSettings):
    """How this process reaches PostgreSQL, from the environment (docs/settings.md lists each)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    statement_timeout_s: float = Field(default=30.0, gt=0)


def required_url(given: str | None = None) -> str:
    """`given`, else DATABASE_URL; raises `InvalidInput` for none and for a wrong one."""
    url = given or DatabaseSettings().database_url
    if not url:
        raise InvalidInput("DATABASE_URL", "name the database, or use `make demo` for its own")
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidInput("DATABASE_URL", "an address such as postgresql://user@host:5432/name")
    return url
