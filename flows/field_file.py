"""The TOML file of a field-wide run: which surveys, which maps, with which settings.

::

    out = "runs"                     one folder for each survey and map below it
    renew = true                     start anew what another input or setting made (default: false)

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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from flows.settings.faults import MapFaults
from flows.settings.reading import Cluster, Settings, SettingsError
from flows.settings.wells import PlaceWells

SettingsT = TypeVar("SettingsT", bound=Settings)

PATHS = (
    *("survey", "map", "weights", "radii", "faults", "growth", "out"),
    *("lease", "no_drill", "existing"),
)

FORMS: dict[str, tuple[type, str]] = {
    "out": (str, "a folder in quotes"),
    "renew": (bool, "true or false"),
    "cluster": (dict, "a table: [cluster]"),
    "faults": (dict, "a table: [faults]"),
    "wells": (dict, "a table: [wells]"),
    "survey": (list, "a table for each survey: [[survey]]"),
    "map": (list, "a table for each map: [[map]]"),
}
"""What may stand in the file, and in which form."""


@dataclass(frozen=True, slots=True)
class Field:
    """All runs of a field file, by name."""

    out: Path
    cluster: Cluster
    surveys: dict[str, MapFaults]
    maps: dict[str, PlaceWells]
    renew: bool = False


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
    out = base / content.get("out", "runs")
    cluster = _settings(path, "[cluster]", Cluster, content.get("cluster", {}))
    shared = cluster.model_dump(exclude_none=True)
    shared |= {"resume": not overwrite, "overwrite": overwrite}

    def runs(table: str, kind: type[SettingsT], given: dict[str, Any]) -> dict[str, SettingsT]:
        return {
            name: _settings(path, f"[[{table}]] {name}", kind, shared | {"out": out / name} | keys)
            for name, keys in given.items()
        }

    surveys = runs("survey", MapFaults, _tables(path, content, "survey", "faults"))
    made = {name: run.out / "faults.zarr" for name, run in surveys.items()}
    maps = runs("map", PlaceWells, _tables(path, content, "map", "wells", made))
    renew = content.get("renew", False)
    return _only(path, Field(out, cluster, surveys, maps, renew), only)


def _wrong(line: str) -> SettingsError:
    return SettingsError(line)


def _read_toml(path: Path) -> dict[str, Any]:
    """Return the content of the file, every key in its form."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        raise _wrong(f"{path}: there is no such file; check the path") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"{path}: not a TOML file ({error}); correct it there") from None
    if unknown := set(content) - set(FORMS):
        raise _wrong(f"{path}: there is no setting {', '.join(sorted(unknown))}")
    for key, value in content.items():
        kind, form = FORMS[key]
        tables = value if isinstance(value, list) else []
        if not isinstance(value, kind) or not all(isinstance(each, dict) for each in tables):
            raise _wrong(f"{path}: {key} must be {form}")
    return content


def _tables(
    path: Path,
    content: dict[str, Any],
    kind: str,
    common: str,
    made: Mapping[str, Path] = MappingProxyType({}),
) -> dict[str, dict[str, Any]]:
    """Return name -> settings of every survey or map, relative paths from the file's folder.

    ``made`` are the fault volumes of the file's own surveys, which ``faults`` may call by name.
    """
    found: dict[str, dict[str, Any]] = {}
    for number, table in enumerate(content.get(kind, []), 1):
        merged = {**content.get(common, {}), **table}
        if not isinstance(merged.get(kind), str):
            raise _wrong(f"{path}: [[{kind}]] number {number} names no {kind} = PATH")
        name = merged.pop("name", Path(merged[kind]).stem)
        if not isinstance(name, str) or name in {"", ".", ".."} or set(name) & set("/\\"):
            raise _wrong(f"{path}: [[{kind}]] number {number}: name = {name!r} names no folder")
        if name in found:
            raise _wrong(f"{path}: two [[{kind}]] tables are named {name}")
        paths = {key: merged[key] for key in PATHS if _is_path(key, merged.get(key))}
        merged |= {key: path.absolute().parent / text for key, text in paths.items()}
        if paths.get("faults") in made:
            merged["faults"] = made[paths["faults"]]
        found[name] = merged
    return found


def _is_path(key: str, value: object) -> bool:
    """Tell whether a setting is a path: text, and for ``growth`` text that is no number."""
    if key != "growth" or not isinstance(value, str):
        return isinstance(value, str)
    try:
        float(value)
    except ValueError:
        return True
    return False


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
    return replace(field, surveys=surveys, maps=maps)
