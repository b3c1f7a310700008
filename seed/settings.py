"""Settings of the simulated traffic, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrafficSettings(BaseSettings):
    """`WHISTLE_BARGES`, `WHISTLE_SEED`, `WHISTLE_DARK_SHARE`, `WHISTLE_TRUTH_MAX_MB`."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_")

    barges: int = Field(default=600, ge=1, le=5000)
    """How many barges sail."""
    seed: int = Field(default=2024, ge=0, le=2**31 - 1)
    """Which invented world: the same number gives the same barges on the same rounds."""
    dark_share: float = Field(default=0.003, ge=0, le=1)
    """Barges without AIS that sail beside the others, as a share of them."""
    truth_max_mb: float = Field(default=16.0, gt=0)
    """Size at which the file of truth labels is put aside and begun anew; one old file is kept."""
