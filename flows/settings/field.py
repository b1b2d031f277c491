"""The settings of ``run``, ``serve`` and ``demo``."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator
from pydantic_settings import SettingsConfigDict

from flows.settings.reading import Cluster, Output, Settings
from flows.settings.values import Positional


class FieldRun(Settings):
    """Run every survey and map of a field file once.

    What an earlier run completed stays; what it left incomplete goes on.
    """

    field: Annotated[Path, Positional()] = Field(description="TOML file, see deploy/local.toml")
    only: str | None = Field(
        None, description="Name of the one survey or map to run (default: all)"
    )
    overwrite: bool = Field(False, description="Start every run anew")


class Serve(Settings):
    """Run a field file on a schedule, until stopped.

    Registers with the Prefect server at PREFECT_API_URL, or with one it starts on loopback.
    """

    # So that the option counts by its own name, beside the variable of Prefect.
    model_config = SettingsConfigDict(populate_by_name=True)

    field: Annotated[Path, Positional()] = Field(description="TOML file, see deploy/local.toml")
    cron: str | None = Field(
        None,
        pattern=r"^\s*\S+(\s+\S+){4}\s*$",
        description='When to run, such as "0 2 * * *" for 02:00 daily',
    )
    interval: PositiveInt | None = Field(None, description="Run every so many seconds")
    api_url: str | None = Field(
        None,
        validation_alias="PREFECT_API_URL",
        description="Prefect server (default: PREFECT_API_URL, else one is started)",
    )

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if (self.cron is None) == (self.interval is None):
            msg = "give either --cron or --interval"
            raise ValueError(msg)
        return self


class Demo(Cluster, Output):
    """Show the main job on a synthetic survey, and check its result against the truth.

    Makes a faulted survey, maps its faults, scores them, and places wells away from them.
    """

    seed: NonNegativeInt = Field(7, description="Of the survey and the map")
