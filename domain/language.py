"""The languages that people read."""

from typing import Literal

Language = Literal["zh", "en"]
