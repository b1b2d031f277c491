"""The settings of ``opendtect project``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, NonNegativeInt

from flows.settings.reading import Settings
from flows.settings.values import Positional


class OpendtectProject(Settings):
    """Put a run of map-faults into a survey folder of OpendTect, a new one or one that is there.

    Volumes (CBVS), fault sticks, faults, planned wells and their places appear in OpendTect's lists the next
    time they are opened. A new survey holds the seismic data too. In a survey that is there nothing is
    changed or replaced: a name that is taken gets a number, and tables are kept as .omf.before-graben. The
    same command again adds what is missing. Tables for OpendTect's import dialogs, and a colour table, go
    into Misc of the survey.
    """

    run: Annotated[Path, Positional()] = Field(description="Folder of a run of map-faults")
    project: Annotated[Path, Positional()] = Field(
        description="Survey folder of OpendTect, or a path where none is yet: it is made"
    )
    wells: Path | None = Field(
        None, description="Folder of a run of place-wells, whose wells go too"
    )
    kb: FiniteFloat = Field(
        0.0, description="Elevation of the wells' kelly bushing above the datum, m"
    )
    velocity: float | None = Field(
        None,
        ge=100,
        le=20_000,
        description="Velocity in m/s that turns two-way time into the depth of wells (default: that of the "
        "run's surfaces, else 2500)",
    )
    most_faults: NonNegativeInt = Field(
        100,
        description="Faults that become objects of their own, the largest first; the stick set holds all",
    )
    seismic: Literal["auto", "yes", "no"] = Field(
        "auto", description="Whether the amplitudes go too; auto: where the survey is a new one"
    )
    prefix: str = Field(
        "",
        max_length=60,
        description="Begin of the names of all objects; what OpendTect's tables do not take, such as a "
        "leading #, becomes _",
    )
