"""The settings of ``place-wells``."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, model_validator

from flows.settings.maps import ReadMap
from flows.settings.reading import Cluster, Output
from flows.settings.values import Files, Length, LengthOrPath, Pair, Positional
from flows.settings.well_wishes import Money, Standing, Verification


class PlaceWells(Verification, Money, Standing, ReadMap, Cluster, Output):
    """Place wells on a reservoir map where they collect most.

    Each well collects the map's value over a circle in every period; ground under several circles
    counts once. With every plan comes a proven bound: no plan of these wells on this ground collects
    more. Leases, no-drill areas, keep-outs and existing wells make it smaller; with --spacing, of which it
    takes no account, it holds and may be farther off. Writes wells.csv, wells.geojson,
    shadow_prices.asc (.zarr by tiles), report.html, map.png, convergence.png and summary.json into --out.
    """

    map: Annotated[Files, Positional()] = Field(
        description="Reservoir map: OIL or PORO, its size, cell width and height in m, values; or IRAP, "
        "ZMAP+, CPS-3, ESRI ASCII, GeoTIFF, Eclipse, or a store of ingest-map; of several equally likely "
        "ones, or a folder of them, the mean counts, and P90, P50 and P10 are reported"
    )
    map_cache: Path | None = Field(
        None,
        description="Folder in which maps are kept as Zarr once they are read, for later runs",
    )
    wells: PositiveInt = Field(
        20, description="Number of wells; the most of them where they have to pay for themselves"
    )
    radius: Length = Field(1500.0, description="Radius of every circle in the first period, m")
    radii: Path | None = Field(
        None,
        description="File of first radii instead, m, one line a well, behind it its growth if wanted; "
        "sets --wells",
    )
    periods: PositiveInt = Field(10, description="Number of periods")
    growth: LengthOrPath = Field(
        0.0,
        description="What radii gain after each period, m; or a PORO map, see --growth-from",
    )
    growth_from: Literal["mean", "local"] = Field(
        "mean",
        description="What of a PORO map is the growth: its mean, or local: its mean over each well's "
        "first circle, nothing off the map; the bound then lets all wells grow by the most of any place",
    )
    starts: PositiveInt = Field(
        8, description="Searches from different seeds; the best one counts"
    )
    seed: NonNegativeInt = Field(0, description="Of the searches after the first")
    search: Literal["auto", "whole", "tiles"] = Field(
        "auto",
        description="How the map is searched: whole, in memory, or by tiles, from a store of ingest-map "
        "of any size; auto: by tiles above 100 million cells",
    )
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
    fault_penalty: Length | None = Field(
        None,
        description="How far faults take value off the map, m: value x (1 - fault probability), which "
        "falls off evenly to nothing there; value and bound are of the map that is left",
    )
    interval: Pair | None = Field(
        None, description="TOP,BASE of the reservoir, ms or m (default: the whole trace)"
    )
    threshold: float | None = Field(
        None, gt=0, le=1, description="Probability that counts as fault (default: of --faults)"
    )
    map_origin: Pair | None = Field(
        None,
        description="CDP X,Y of the outer corner of the map's first cell, m (default: as its file says)",
    )
    map_azimuth: FiniteFloat | None = Field(
        None,
        description="Clockwise angle from north to the map's y axis, degrees (default: as its file says, "
        "else 0)",
    )

    @model_validator(mode="after")
    def _keep_out_is_whole(self) -> Self:
        asked = self.keep_out is not None or self.fault_penalty is not None
        given = {
            "--faults": self.faults is not None,
            "--keep-out or --fault-penalty": asked,
        }
        if (self.faults or asked) and not all(given.values()):
            missing = " and ".join(name for name, present in given.items() if not present)
            msg = (
                "--faults and one of --keep-out and --fault-penalty belong together, with --map-origin where "
                f"the map does not say where it lies: give {missing} too"
            )
            raise ValueError(msg)
        if self.growth_from == "local" and not isinstance(self.growth, Path):
            msg = "--growth-from local needs the growth of places: give --growth the path of a PORO map"
            raise ValueError(msg)
        if self.interval and self.interval[0] > self.interval[1]:
            msg = f"--interval: TOP {self.interval[0]:g} lies below BASE {self.interval[1]:g}"
            raise ValueError(msg)
        return self
