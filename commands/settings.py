"""Settings of what commands write: where messages to people lead."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.answer_links import KEY_LEAST, SignedLinks
from domain.errors import InvalidInput


class LinkSettings(BaseSettings):
    """Addresses and key of the links in messages; docs/settings.md lists each variable."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore", env_ignore_empty=True)

    console_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address of the console as officers reach it."""
    answer_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address of the one-tap page as telephones reach it; else the console's."""
    link_key_file: Path | None = None
    """File with the key that signs one-tap links, 32 bytes or more."""

    @model_validator(mode="after")
    def _without_slash(self) -> Self:
        self.console_url = self.console_url.rstrip("/")
        self.answer_url = self.answer_url.rstrip("/") or self.console_url
        return self

    def links(self) -> SignedLinks:
        """The links. Raises `InvalidInput` for a key file that cannot be read or is too short."""
        return SignedLinks(self.console_url, self.answer_url, self.key())

    def key(self) -> bytes:
        """The key; empty where no file is named."""
        if self.link_key_file is None:
            return b""
        expected = f"a file of {KEY_LEAST} bytes or more that can be read"
        try:
            key = self.link_key_file.read_bytes()
        except OSError as error:
            raise InvalidInput("WHISTLE_LINK_KEY_FILE", expected) from error
        if len(key) < KEY_LEAST:
            raise InvalidInput("WHISTLE_LINK_KEY_FILE", expected)
        return key
