"""Whether what somebody looks at is a map or a plan of wells, told without the readers of either."""

from pathlib import Path

from storage.map_store import is_map_store

SEISMIC = (".cbvs", ".sgy", ".segy")
"""Suffixes of files that hold no map."""

RECORD = "summary.json"


def is_plan(target: Path) -> bool:
    """Tell whether a folder is that of a run of place-wells, or of a plan that the page of wells saved."""
    return (target / RECORD).is_file()


def is_map(target: Path) -> bool:
    """Tell whether a target is more likely a map than seismic; its reader says what is wrong with it."""
    return is_map_store(target) or (target.is_file() and target.suffix.lower() not in SEISMIC)
