"""What settings ask of a map file, as readers take it."""

from pathlib import Path

from flows.settings.maps import ReadMap
from storage.maps.chosen import Reading


def reading_of(settings: ReadMap, cache: Path | None = None) -> Reading:
    """Return how a map is read."""
    return Reading(
        grid=settings.map_grid,
        keyword=settings.map_keyword,
        layers=settings.layers,
        over_layers=settings.layers_by,
        rows=settings.rows_from,
        cache=cache,
    )
