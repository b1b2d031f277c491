"""The settings of ``map-faults``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from flows.settings.reading import Cluster, Output, Settings
from flows.settings.segy import ReadSegy
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
        "accurate (two networks, several passes; --dry-run says what it costs)",
    )
    runtime: Literal["tensorflow", "openvino", "openvino-int8", "onnx"] = Field(
        "tensorflow",
        description="What runs the network; the others run what graben convert-weights wrote",
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability that counts as fault (default: of the weights)"
    )
    tile_memory: PositiveFloat = Field(3.0, description="Memory of one tile in GiB")


class MapFaults(ReadSegy, FindFaults, Cluster, Output):
    """Map faults in a SEG-Y survey.

    Writes volume.zarr, faults.zarr, faults.sgy for import into OpendTect, report.html and run.json
    into --out.
    """

    survey: Annotated[Location, Positional()] = Field(
        description="Post-stack SEG-Y file, 3D or 2D"
    )
    dry_run: bool = Field(False, description="Say what would be done, and write nothing")
