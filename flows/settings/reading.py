"""How settings are read: options, then TOML, then ``GRABEN_*`` variables, then defaults.

Each field of a settings class is at once an option of the command line (``--inline-byte``), a key of the
TOML file (``inline_byte``) and an environment variable (``GRABEN_INLINE_BYTE``). Unknown keys are refused.
"""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, PositiveInt, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict


def option_name(field: str) -> str:
    """Return the option of a field; a last underscore, as in json_, keeps it from a name of pydantic's."""
    return "--" + field.removesuffix("_").replace("_", "-")


class SettingsError(Exception):
    """An option, TOML key or variable has a value that cannot be used."""


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
        name = option_name(str(problem["loc"][0]))
        if problem["type"] == "extra_forbidden":
            parts.append(f"{name}: there is no such setting")
        elif problem["type"] == "missing":
            parts.append(f"{name}: is needed")
        else:
            parts.append(f"{name}: {_reason(problem)} (given: {problem['input']})")
    return "; ".join(parts)


def _reason(problem: ErrorDetails) -> str:
    """Return what pydantic says, in words for people."""
    if problem["type"] == "string_pattern_mismatch":
        return "this form is not understood; see --help"
    return problem["msg"].removeprefix("Value error, ")


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
