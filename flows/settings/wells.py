"""The settings of ``place-wells``."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, model_validator

from flows.settings.reading import Cluster, Output
from flows.settings.values import Length, LengthOrPath, Pair, Positional


class PlaceWells(Cluster, Output):
    """Place wells on a reservoir map where they collect most.

    Each well collects the map's value over a circle in every period; ground under several circles
    counts once. Writes wells.csv, shadow_prices.asc, summary.json and map.png into --out.
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
    time: Length | None = Field(
        None,
        description="Time to refine the plan and its bound, s (default: by a count of steps, "
        "the same on any machine)",
    )
    gap: Length | None = Field(
        None,
        description="Stop once no plan can collect more than so many % beyond this one "
        "(without --time: 60 s at most)",
    )
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
