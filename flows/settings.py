"""The settings of every command: one frozen class each, read once from options, TOML and environment.

Each field is at once an option of the command line (``--inline-byte``), a key of the TOML file
(``inline_byte``) and an environment variable (``GRABEN_INLINE_BYTE``); options win over TOML, TOML
over the environment, and that over the default. Unknown keys are refused. No other module reads the
environment, and nothing on a worker does. Settings of training stand in `flows.settings_training`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    Field,
    FiniteFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.settings_fields import (
    HeaderByte,
    Length,
    LengthOrPath,
    Pair,
    Positional,
)

PREFECT_DEFAULTS = {
    # Prefect's throw-away server needs more than its default 20 s on a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # No telemetry leaves the machine.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # Our own lines and bars are what people see; Prefect's log goes to its run page.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,storage,models",
    # Jobs run side by side and their matrices are small: threads inside a job only get in the way.
    "OPENBLAS_NUM_THREADS": "1",
    # TensorFlow's start-up chatter.
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


class SettingsError(Exception):
    """An option, TOML key or variable has a value that cannot be used."""


def prepare_environment() -> None:
    """Set what Prefect and TensorFlow read when they are imported, where the user has not."""
    for name, value in PREFECT_DEFAULTS.items():
        os.environ.setdefault(name, value)


class Settings(BaseSettings):
    """What all commands have in common: nothing unknown, nothing changed after reading."""

    model_config = SettingsConfigDict(env_prefix="GRABEN_", frozen=True, extra="forbid")

    @classmethod
    def read(cls, given: dict[str, Any]) -> Self:
        """Return the settings for the values given, None meaning not given.

        Raises
        ------
        SettingsError
            In one line, naming every option that is wrong.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise SettingsError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    """Say what is wrong with which option, and what was given."""
    parts = []
    for problem in error.errors():
        if not problem["loc"]:
            parts.append(problem["msg"].removeprefix("Value error, "))
            continue
        name = "--" + str(problem["loc"][0]).replace("_", "-")
        if problem["type"] == "extra_forbidden":
            parts.append(f"{name}: there is no such setting")
        elif problem["type"] == "missing":
            parts.append(f"{name}: is needed")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            parts.append(f"{name}: {message} (given: {problem['input']})")
    return "; ".join(parts)


class Cluster(Settings):
    """Where the work runs."""

    workers: PositiveInt | None = Field(
        None, description="Local worker processes (default: one a core)"
    )
    scheduler: str | None = Field(
        None, description="Dask scheduler to use instead, such as tcp://host:8786"
    )
    worker_memory: str = Field(
        "auto",
        pattern=r"^(auto|\d+(\.\d+)?([kMGT]i?B)?)$",
        description="Memory limit of a local worker, such as 4GiB",
    )


class Output(Settings):
    """Where results go, and what to do with what lies there."""

    out: Path = Field(description="Folder for the results")
    resume: bool = Field(False, description="Go on with an incomplete run in --out")
    overwrite: bool = Field(False, description="Start anew, whatever lies in --out")


class Survey(Settings):
    """How a SEG-Y file is read."""

    inline_byte: HeaderByte | None = Field(
        None, description="Header byte of the inline number (default: 189, 9, then 5)"
    )
    crossline_byte: HeaderByte | None = Field(
        None, description="Header byte of the crossline number (default: 193, then 21)"
    )
    domain: Literal["time", "depth"] = Field(
        "time", description="time: interval in microseconds; depth: in thousandths of a metre"
    )
    sample_interval: PositiveFloat | None = Field(
        None, description="Sample interval in ms or m, where the file has it wrong"
    )


class Faults(Settings):
    """How faults are found."""

    weights: Path | None = Field(
        None, description="A .keras file with its card (default: the ones that come with graben)"
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability that counts as fault (default: of the weights)"
    )
    tile_memory: PositiveFloat = Field(3.0, description="Memory of one tile in GiB")


class MapFaults(Survey, Faults, Cluster, Output):
    """Map faults in a SEG-Y survey.

    Writes volume.zarr, faults.zarr, faults.sgy for import into OpendTect, report.html and run.json
    into --out.
    """

    survey: Annotated[Path, Positional()] = Field(description="Post-stack SEG-Y file, 3D or 2D")
    dry_run: bool = Field(False, description="Say what would be done, and write nothing")


class FieldRun(Settings):
    """Run every survey and map of a field file once.

    What an earlier run completed stays; what it left incomplete goes on.
    """

    field: Annotated[Path, Positional()] = Field(description="TOML file, see deploy/local.toml")
    only: str | None = Field(None, description="Name of the one survey or map to run (default: all)")
    overwrite: bool = Field(False, description="Start every run anew")


class Serve(Settings):
    """Run a field file on a schedule, until stopped.

    Registers with the Prefect server at PREFECT_API_URL, or with one it starts on loopback.
    """

    field: Annotated[Path, Positional()] = Field(description="TOML file, see deploy/local.toml")
    cron: str | None = Field(None, description='When to run, such as "0 2 * * *" for 02:00 daily')
    interval: PositiveInt | None = Field(None, description="Run every so many seconds")
    api_url: str | None = Field(
        None,
        validation_alias=AliasChoices("api_url", "PREFECT_API_URL"),
        description="Prefect server (default: PREFECT_API_URL, else one is started)",
    )

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if (self.cron is None) == (self.interval is None):
            msg = "give either --cron or --interval"
            raise ValueError(msg)
        return self


def use_prefect_api(url: str) -> None:
    """Let Prefect talk to this server when it is imported, here and in the processes it starts."""
    os.environ["PREFECT_API_URL"] = url


class Demo(Cluster, Output):
    """Show the main job on a synthetic survey, and check its result against the truth.

    Makes a faulted survey, maps its faults, scores them, and places wells away from them.
    """

    seed: int = Field(7, ge=0, description="Of the survey and the map")


class PlaceWells(Cluster, Output):
    """Place wells on a reservoir map where they collect most.

    Each well collects the map's value over a circle in every period; ground under several circles
    counts once. Writes wells.csv, summary.json and map.png into --out.
    """

    map: Annotated[Path, Positional()] = Field(
        description="Reservoir map: OIL or PORO, its size, cell width and height in m, values"
    )
    wells: PositiveInt = Field(20, description="Number of wells")
    radius: Length = Field(1500.0, description="Radius of every circle in the first period, m")
    radii: Path | None = Field(
        None, description="File of first radii instead, m, one line a well; sets --wells"
    )
    periods: PositiveInt = Field(10, description="Number of periods")
    growth: LengthOrPath = Field(
        0.0,
        description="What radii gain after each period, m; or a PORO map whose mean it is",
    )
    starts: PositiveInt = Field(
        8, description="Searches from different seeds; the best one counts"
    )
    seed: NonNegativeInt = Field(0, description="Of the searches after the first")
    faults: Path | None = Field(None, description="A faults.zarr to keep away from")
    keep_out: Length | None = Field(None, description="Distance from every faulty bin, m")
    interval: Pair | None = Field(
        None, description="TOP,BASE of the reservoir, ms or m (default: the whole trace)"
    )
    threshold: float | None = Field(
        None, gt=0, le=1, description="Probability that counts as fault (default: of --faults)"
    )
    map_origin: Pair | None = Field(
        None, description="CDP X,Y of the outer corner of the map's first cell, m"
    )
    map_azimuth: FiniteFloat = Field(
        0.0, description="Clockwise angle from north to the map's y axis, degrees"
    )

    @model_validator(mode="after")
    def _keep_out_is_whole(self) -> Self:
        given = {
            "--faults": self.faults is not None,
            "--keep-out": self.keep_out is not None,
            "--map-origin": self.map_origin is not None,
        }
        if (self.faults or self.keep_out) and not all(given.values()):
            missing = " and ".join(name for name, present in given.items() if not present)
            msg = f"--faults, --keep-out and --map-origin belong together: give {missing} too"
            raise ValueError(msg)
        if self.interval and self.interval[0] > self.interval[1]:
            msg = f"--interval: TOP {self.interval[0]:g} lies below BASE {self.interval[1]:g}"
            raise ValueError(msg)
        return self
