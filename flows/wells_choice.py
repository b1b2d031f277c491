"""Which search a run of place-wells takes, of the whole map or by tiles, where it runs, and saying so."""

from flows.settings.reading import SettingsError, option_name
from flows.settings.wells import PlaceWells
from tasks.map_source import cells_of_store
from tasks.place_in_tiles import TiledSearch

WHOLE_CELLS = 10**8
"""Cells up to which one core with some gigabytes places wells sooner than workers start and share them."""

CLUSTER_CELLS = 3 * 10**9
"""Cells from which on one machine takes hours."""

TAKEN = {
    *("map", "wells", "radius", "periods", "growth", "seed", "map_origin", "map_azimuth"),
    *("search", "workers", "scheduler", "worker_memory", "out", "resume", "overwrite"),
    *("lease", "no_drill", "existing", "spacing", "coordinates"),
    *("faults", "keep_out", "interval", "threshold"),
    "map_cache",
}
"""Settings that a search by tiles takes; any other, given, is refused."""

FEW_TILES = 8
"""Tiles up to which processes take longer to start than threads of this one to do the work."""


def is_for_tiles(settings: PlaceWells) -> bool:
    """Tell whether wells are placed tile by tile, and say why or why not.

    Raises
    ------
    SettingsError
        If that is asked for, or needed, together with what only a search on the whole map knows.
    """
    cells = cells_of_store(settings.map[0]) if len(settings.map) == 1 else 0
    if settings.search == "whole" or (settings.search == "auto" and cells <= WHOLE_CELLS):
        return False
    others = [
        option_name(name)
        for name, field in PlaceWells.model_fields.items()
        if name not in TAKEN and getattr(settings, name) != field.get_default()
    ]
    if len(settings.map) > 1:
        others.append("several maps")
    if not isinstance(settings.growth, int | float):
        others.append("--growth of a map")
    if others:
        why = "" if settings.search == "tiles" else f", which a map of {cells:,} cells needs"
        msg = (
            f"a search by tiles{why}, takes wells that are alike on all of one map: leave out "
            f"{', '.join(others)}, or hold the map in memory with --search whole"
        )
        raise SettingsError(msg)
    return True


def in_processes(settings: PlaceWells, search: TiledSearch) -> bool:
    """Tell whether tiles go to worker processes: where that is asked for, or pays."""
    asked = settings.workers is not None or settings.scheduler is not None
    return asked or len(search.tiles) > FEW_TILES


def choice_of_tiles(settings: PlaceWells, search: TiledSearch) -> str:
    """Say how the map is searched, where, and why."""
    rows, columns = search.source.shape
    cells, tiles, side = rows * columns, len(search.tiles), search.tile_side
    why = "as asked" if settings.search == "tiles" else f"as more than {WHOLE_CELLS:,} cells"
    if settings.scheduler:
        where = f"on the cluster at {settings.scheduler}"
    elif in_processes(settings, search):
        where = f"on {settings.workers or 'all'} worker processes of this machine"
        if cells > CLUSTER_CELLS:
            where += "; it takes hours, and --scheduler names a cluster to share them"
    else:
        where = "in this process"
    return f"Search: {rows:,} x {columns:,} cells in {tiles} tiles of {side} x {side} ({why}), {where}"


def choice_of_whole(settings: PlaceWells, shape: tuple[int, ...]) -> str:
    """Say that a map is searched whole, where, and why.

    Parameters
    ----------
    settings
        What is asked.
    shape
        Rows and columns of the map.
    """
    if settings.search == "whole":
        why = "as asked"
    elif shape[0] * shape[1] <= WHOLE_CELLS:
        why = f"as no more than {WHOLE_CELLS:,} cells"
    elif len(settings.map) > 1 or settings.map[0].is_dir():
        why = "as tiles know no mean of several maps"
    else:
        why = "as tiles need a map that graben ingest-map keeps"
    if settings.scheduler:
        where = f"starts on the cluster at {settings.scheduler}, the rest in this process"
    elif settings.workers is not None:
        where = f"starts on {settings.workers} worker processes, the rest in this process"
    else:
        where = "in this process"
    return f"Search: {shape[0]:,} x {shape[1]:,} cells whole ({why}), {where}"
