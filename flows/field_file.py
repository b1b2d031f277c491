"""The TOML file of a field-wide run: which surveys, which maps, with which settings.

::

    out = "runs"                     one folder for each survey and map below it

    [cluster]                        workers, scheduler, worker_memory
    [faults]                         settings of all surveys
    [wells]                          settings of all maps

    [[survey]]                       one table each; its keys win over [faults]
    name = "north"
    survey = "north.sgy"

    [[map]]                          one table each; its keys win over [wells]
    name = "top-reservoir"
    map = "poro.txt"
    faults = "north"                 a survey of this file, or the path of a faults.zarr

Keys are the names of options with underscores. Paths count from the folder of the file.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from flows.settings.faults import MapFaults
from flows.settings.reading import Cluster, Settings, SettingsError
from flows.settings.wells import PlaceWells

PATHS = ("survey", "map", "weights", "radii", "faults")
SettingsT = TypeVar("SettingsT", bound=Settings)

TABLES = ("cluster", "faults", "wells", "survey", "map")


@dataclass(frozen=True, slots=True)
class Field:
    """All runs of a field file, by name."""

    out: Path
    cluster: Cluster
    surveys: dict[str, MapFaults]
    maps: dict[str, PlaceWells]


def read_field(path: Path, *, only: str | None = None, overwrite: bool = False) -> Field:
    """Read a field file.

    Parameters
    ----------
    path
        The TOML file.
    only
        Name of the one survey or map to run.
    overwrite
        Start every run anew; otherwise what is complete stays, and what is not goes on.

    Raises
    ------
    SettingsError
        If there is no such file, it is not TOML, or a table, key or value is wrong: which, in one
        line.
    """
    content = _read_toml(path)
    base = path.absolute().parent
    unknown = set(content) - {"out", *TABLES}
    if unknown:
        raise _wrong(f"{path}: there is no setting {', '.join(sorted(unknown))}")
    out = base / content.get("out", "runs")
    cluster = _settings(path, "[cluster]", Cluster, content.get("cluster", {}))
    shared = cluster.model_dump(exclude_none=True) | {"resume": not overwrite}
    shared["overwrite"] = overwrite
    surveys = {
        name: _settings(
            path, f"[[survey]] {name}", MapFaults, shared | {"out": out / name} | table
        )
        for name, table in _tables(path, content, "survey", content.get("faults", {}), base)
    }
    maps = {}
    for name, table in _tables(path, content, "map", content.get("wells", {}), base):
        faults = table.get("faults")
        if faults and Path(faults).name in surveys:
            table["faults"] = out / Path(faults).name / "faults.zarr"
        maps[name] = _settings(
            path, f"[[map]] {name}", PlaceWells, shared | {"out": out / name} | table
        )
    return _only(path, Field(out, cluster, surveys, maps), only)


def _wrong(line: str) -> SettingsError:
    return SettingsError(line)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise _wrong(f"{path}: there is no such file; check the path") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"{path}: not a TOML file ({error}); correct it there") from None


def _tables(
    path: Path, content: dict[str, Any], kind: str, common: dict[str, Any], base: Path
) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, settings) of every survey or map; relative paths from the file's folder."""
    found = []
    for number, table in enumerate(content.get(kind, []), 1):
        merged = {**common, **table}
        if kind not in merged:
            raise _wrong(f"{path}: [[{kind}]] number {number} names no {kind} = PATH")
        name = str(merged.pop("name", Path(merged[kind]).stem))
        for key in PATHS:
            if isinstance(merged.get(key), str):
                merged[key] = base / merged[key]
        found.append((name, merged))
    names = [name for name, _ in found]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise _wrong(f"{path}: two [[{kind}]] tables are named {doubled.pop()}")
    return found


def _settings(path: Path, table: str, kind: type[SettingsT], given: dict[str, Any]) -> SettingsT:
    """Read one table; the error says where it stands."""
    try:
        return kind.read(given)
    except SettingsError as error:
        raise _wrong(f"{path}: {table}: {str(error).replace('--', '')}") from None


def _only(path: Path, field: Field, only: str | None) -> Field:
    """Keep one run, where one is named."""
    if clash := set(field.surveys) & set(field.maps):
        raise _wrong(f"{path}: a survey and a map are both named {clash.pop()}")
    if only is None:
        return field
    if only not in {*field.surveys, *field.maps}:
        names = ", ".join([*field.surveys, *field.maps]) or "none"
        raise _wrong(f"--only {only}: {path} has no such survey or map; it has {names}")
    surveys = {name: run for name, run in field.surveys.items() if name == only}
    maps = {name: run for name, run in field.maps.items() if name == only}
    return Field(field.out, field.cluster, surveys, maps)
