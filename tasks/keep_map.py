"""A map file of any form becomes a Zarr store, made anew where the file has changed, whole or not at all."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from storage.errors import MapError, OutputError
from storage.locations import is_occupied, remove
from storage.map_store import (
    held_store,
    is_map_store,
    map_attributes,
    part_of_store,
    shape_of_map_store,
    write_map_store,
)
from storage.maps.chosen import PLAIN, Reading
from storage.maps.formats import TEXT, form_of, read_any
from storage.maps.grid import nothing_in, say_map
from storage.store_state import refuse_own_input
from tasks.fan_out import Progress
from tasks.map_text import keep_text

if TYPE_CHECKING:
    from distributed import Client

VERSION = 2
"""Part of every key: a reader that gives other values, or notes more of them, makes old stores strangers."""

END_BYTES = 1 << 16
"""Bytes of both ends of a file that tell it from another of its size and time."""


def key_of_map(path: Path, reading: Reading = PLAIN) -> str:
    """Return what changes when a map is another: size, time and ends of its files, and what is asked of it.

    Raises
    ------
    MapError
        If a file cannot be read.
    """
    digest = hashlib.sha256(f"{VERSION} {reading.asked}".encode())
    for each in (path, reading.grid_of(path)):
        if each is None:
            continue
        try:
            stamp = each.stat()
            digest.update(f"{stamp.st_size} {stamp.st_mtime_ns}".encode())
            with each.open("rb") as file:
                digest.update(file.read(END_BYTES))
                file.seek(max(0, stamp.st_size - END_BYTES))
                digest.update(file.read(END_BYTES))
        except OSError as error:
            reason = error.strerror or str(error)
            raise MapError(each, reason, "Name a map file that can be read.") from None
    return digest.hexdigest()


def is_kept(store: Path, key: str) -> bool:
    """Tell whether a store is complete and of this very map."""
    facts = map_attributes(store)
    return bool(facts.get("complete")) and facts.get("key") == key


def look_at_kept(
    path: Path, store: Path, reading: Reading = PLAIN, *, overwrite: bool = False
) -> bool:
    """Tell whether a map is kept already; nothing is changed.

    Parameters
    ----------
    path, store, reading
        As in `keep_map`.
    overwrite
        Whether a store of another map may be replaced.

    Raises
    ------
    MapError
        If the map cannot be read.
    OutputError
        If something else lies there.
    """
    key = key_of_map(path, reading)
    refuse_own_input(store, [each for each in (path, reading.grid_of(path)) if each])
    if is_kept(store, key):
        return True
    if is_occupied(store) and not is_map_store(store):
        raise OutputError(store, "something that is no map lies there", "Name another store.")
    if is_occupied(store) and not overwrite:
        raise OutputError(
            store, "it holds another map", "Name another store, or replace it with --overwrite."
        )
    return False


def keep_map(
    path: Path,
    store: Path,
    reading: Reading = PLAIN,
    *,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Keep a map as Zarr, unless it is kept already; it appears whole or not at all.

    Parameters
    ----------
    path
        The map, of any form.
    store
        The store; one of another map, or of an older state of this one, is replaced.
    reading
        What of the file is asked for.
    client
        Where text is parsed. None: threads of this process.
    progress
        Told of every finished job.

    Raises
    ------
    MapError
        What of the map is wrong; nothing is left behind.
    """
    key = key_of_map(path, reading)
    with held_store(store):
        if is_kept(store, key):
            return
        facts = {"key": key, "source": path.name}
        try:
            if form_of(path) == TEXT:
                reading.refuse_choice(path, TEXT)
                keep_text(path.absolute(), store, reading, facts, client, progress)
                return
            found = read_any(path, reading)
            if np.isnan(found.values).all():
                raise nothing_in(path)
            write_map_store(store, found, facts)
        finally:
            remove(part_of_store(store))


def kept_in(folder: Path, path: Path, reading: Reading = PLAIN) -> Path:
    """Return the store of a map in a folder of them: one for each file and what is asked of it."""
    asked = f"{path.absolute()} {reading.asked}"
    return folder / f"{path.name}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}.zarr"


def kept_facts(store: Path) -> str:
    """Say what a kept map is, from its attributes alone."""
    facts = map_attributes(store)
    corner = facts["corner"]
    return say_map(
        facts["form"],
        shape_of_map_store(store),
        (facts["cell_width_m"], facts["cell_height_m"]),
        None if corner is None else (corner[0], corner[1]),
        facts["azimuth_deg"],
    )
