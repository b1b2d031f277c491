"""The settings of ``map-faults``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from flows.settings.reading import Cluster, Output, Settings
from flows.settings.segy import Delivery, Projection, ReadSurvey
from flows.settings.values import Location, Positional


class FindFaults(Settings):
    """How faults are found."""

    weights: Path | None = Field(
        None,
        description="A .keras file, or what convert-weights made of one, with its card, or an ensemble "
        "of such, .json (default: the ones that come with graben)",
    )
    accuracy: Literal["fast", "averaged", "accurate"] = Field(
        "fast",
        description="Of graben's own weights: fast (one network, one pass), averaged (several passes) or "
        "accurate (two networks, several passes; a dry run says what it costs)",
    )
    runtime: Literal["tensorflow", "openvino", "openvino-int8", "onnx"] = Field(
        "tensorflow",
        description="What runs the network; the others run what graben convert-weights wrote",
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability that counts as fault (default: of the weights)"
    )
    tile_memory: PositiveFloat = Field(6.0, description="Memory of one tile in GiB")
    threads: PositiveInt | None = Field(
        None,
        description="Threads of the network in each worker (default: one; without --workers, what cores "
        "there are for each that has a tile; a run that goes on here keeps its own)",
    )


class FindSurfaces(Settings):
    """How fault probability becomes surfaces and sticks."""

    surfaces: bool = Field(
        True, description="Find fault surfaces: strike, dip, sticks and a table of faults"
    )
    velocity: float = Field(
        2500.0,
        ge=100,
        le=20_000,
        description="Velocity in m/s that turns two-way time into metres, for dips and areas",
    )
    stick_spacing: PositiveInt = Field(
        10, description="Lines, or samples of slices, from one plane with sticks to the next"
    )
    stick_planes: Literal["auto", "inline", "crossline", "slice"] = Field(
        "auto",
        description="Planes on which sticks are picked: inline, crossline, slice, or auto: the lines that "
        "cut a fault more squarely",
    )
    smallest_fault: PositiveInt | None = Field(
        None,
        description="Samples of the smallest fault; smaller ones are left out (default: 200, on a line 20)",
    )


class MapFaults(ReadSurvey, Projection, FindFaults, FindSurfaces, Delivery, Cluster, Output):
    """Map faults in a SEG-Y survey, or in a volume of an OpendTect survey.

    Writes volume.zarr, faults.zarr, faults.sgy for import into OpendTect, surfaces.zarr, thinned.sgy,
    faults.csv, sticks.csv, sticks.dat, report.html and run.json into --out.
    """

    survey: Annotated[Location, Positional()] = Field(
        description="Post-stack SEG-Y file, 3D or 2D; CBVS file; or OpendTect survey folder/name of volume"
    )
    dry_run: bool = Field(False, description="Say what would be done, and write nothing")
