"""The commands ``place-wells`` and ``ingest-map``."""

import typer

from flows.commands.options import add_command
from flows.settings.maps import IngestMap
from flows.settings.wells import PlaceWells

EXAMPLE = (
    "graben place-wells map.txt --wells 20 --radius 1500 --periods 10 --growth 1.45 --out wells "
    "--faults run/faults.zarr --keep-out 150 --map-origin 428250,6478200"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "place-wells", PlaceWells, _place_wells, example=EXAMPLE)
    add_command(
        app, "ingest-map", IngestMap, _ingest_map, example="graben ingest-map map.txt map.zarr"
    )


def _place_wells(settings: PlaceWells) -> None:
    """Run the flow with one bar for its jobs."""
    from flows.place_wells import place_wells
    from flows.terminal import bar

    with bar("wells") as progress:
        place_wells(settings, progress=progress)


def _ingest_map(settings: IngestMap) -> None:
    from flows.ingest_map import ingest_map

    ingest_map(settings)
