"""The flow that keeps a reservoir map as Zarr."""

from flows.map_reading import reading_of
from flows.settings.maps import IngestMap
from flows.terminal import bar, say
from flows.workers import workers_if_asked
from tasks.keep_map import keep_map, kept_facts, look_at_kept


def ingest_map(settings: IngestMap) -> None:
    """Read a map and write its store, unless it is there already.

    Raises
    ------
    InputError
        What of the map is wrong, or that something else lies at the output; nothing is written.
    """
    reading = reading_of(settings)
    if look_at_kept(settings.map, settings.store, reading, overwrite=settings.overwrite):
        say(f"{settings.store} is complete; nothing to do.")
        return
    with workers_if_asked(settings) as client, bar("ingest-map") as progress:
        keep_map(settings.map, settings.store, reading, client=client, progress=progress)
    say(f"{settings.store}: {kept_facts(settings.store)}")
