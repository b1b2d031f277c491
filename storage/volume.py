"""Volumes in Zarr: lay out, open with xarray, read and write regions, finish.

A store is laid out whole first (the template), then every job writes its own shards, and at the end the
attributes say ``complete: true``. A store opens with ``xr.open_zarr(path)``.
"""

import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import DTypeLike, NDArray

from storage.errors import InputError, RegionError
from storage.geometry import LengthUnit, Region, SampleAxis, SurveyGeometry
from storage.layout import Grid, codec, volume_grid
from storage.ledger import Identity, key_of


@dataclass(frozen=True, slots=True)
class Variable:
    """A volume of samples in a store: name, type, unit and words for people."""

    name: str
    dtype: DTypeLike
    unit: str
    long_name: str


def create_volume(
    path: Path,
    geometry: SurveyGeometry,
    variables: Sequence[Variable],
    attributes: Mapping[str, Any],
) -> None:
    """Lay out a store with its coordinates; samples are empty: NaN, or 0 for integers.

    Whatever lies at ``path`` is replaced.
    """
    if path.exists():
        shutil.rmtree(path)
    root = zarr.create_group(path, attributes={**attributes, "complete": False})
    _add(root, "inline", geometry.inlines, ("inline",), long_name="inline number")
    _add(root, "crossline", geometry.crosslines, ("crossline",), long_name="crossline number")
    axis = geometry.samples
    long_name = "two-way time" if axis.domain == "time" else "depth below datum"
    _add(
        root,
        axis.name,
        axis.values(),
        (axis.name,),
        units=axis.unit,
        long_name=long_name,
        interval=axis.interval,
    )
    lateral = geometry.dims[:2]
    units = geometry.angle_unit or axis.length_unit
    _add(root, "cdp_x", geometry.cdp_x, lateral, units=units, long_name="CDP X")
    _add(root, "cdp_y", geometry.cdp_y, lateral, units=units, long_name="CDP Y")
    _add(root, "live_mask", geometry.live_mask, lateral, long_name="the survey has a trace here")
    for variable in variables:
        dtype = np.dtype(variable.dtype)
        grid = volume_grid(geometry.shape, dtype.itemsize)
        array = add_array(root, variable.name, geometry.shape, dtype, grid, geometry.dims)
        array.attrs.update(
            units=variable.unit, long_name=variable.long_name, coordinates="cdp_x cdp_y live_mask"
        )


def add_array(
    group: zarr.Group,
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    grid: Grid,
    dims: tuple[str, ...],
    *,
    itemsize: int | None = None,
) -> zarr.Array[Any]:
    """Add an empty sharded array to a group."""
    return group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=grid.chunks,
        shards=grid.shards,
        compressors=[codec(dtype, itemsize=itemsize)],
        fill_value=np.nan if dtype.kind == "f" else 0,
        dimension_names=dims,
    )


def _add(
    group: zarr.Group,
    name: str,
    values: NDArray[Any],
    dims: tuple[str, ...],
    **attributes: str | float,
) -> None:
    """Add a small array with its values, which the driver alone writes."""
    array = group.create_array(
        name,
        data=values,
        chunks=tuple(max(1, min(n, 1024)) for n in values.shape),
        dimension_names=dims,
    )
    array.attrs.update(attributes)


def open_volume(path: Path) -> xr.Dataset:
    """Open a complete store lazily, without Dask.

    Raises
    ------
    InputError
        If there is no volume, or it is not complete.
    """
    if not is_complete(path):
        reason = "the store is not complete" if path.exists() else "there is no such store"
        raise InputError(path, reason, "Run map-faults first, with --resume where it was stopped.")
    dataset: xr.Dataset = xr.open_zarr(path, chunks=None)
    return dataset


def geometry_of(path: Path) -> SurveyGeometry:
    """Return the geometry of a store, complete or not."""
    attributes = attributes_of(path)
    inlines, crosslines, live, x, y = (
        np.asarray(open_array(path, name)[...])
        for name in ("inline", "crossline", "live_mask", "cdp_x", "cdp_y")
    )
    domain = attributes["domain"]
    axis = open_array(path, "twt" if domain == "time" else "depth")
    interval = float(axis.attrs["interval"])  # type: ignore[arg-type]
    units = str(open_array(path, "cdp_x").attrs["units"])
    length_unit: LengthUnit = "ft" if "ft" in (units, axis.attrs["units"]) else "m"
    samples = SampleAxis(domain, float(np.asarray(axis[0])), interval, axis.shape[0], length_unit)
    affine = attributes["affine"]
    affine = tuple(affine) if affine else None
    angle_unit = None if units in ("m", "ft") else units
    return SurveyGeometry(inlines, crosslines, samples, live, x, y, affine, angle_unit)


def read_region(path: Path, name: str, region: tuple[slice, ...]) -> NDArray[Any]:
    """Return a region of one array; any slices."""
    return np.asarray(open_array(path, name, mode="r")[region])


def write_region(path: Path, name: str, region: tuple[slice, ...], values: NDArray[Any]) -> None:
    """Write a region made of whole shards.

    Raises
    ------
    RegionError
        If the region cuts a shard: two jobs could then write one file, and one would lose.
    """
    array = open_array(path, name, mode="r+")
    check_region(array, name, region)
    array[region] = values


def check_region(array: zarr.Array[Any], name: str, region: tuple[slice, ...]) -> None:
    """Refuse a region that is not made of whole shards of the volume."""
    for part, n, shard in zip(region, array.shape, array.shards or array.chunks, strict=True):
        if not 0 <= part.start < part.stop <= n:
            raise RegionError(name, region, f"is not within the shape {array.shape}")
        if part.start % shard or (part.stop % shard and part.stop != n):
            raise RegionError(name, region, f"cuts the shards of {array.shards or array.chunks}")


def open_array(path: Path, name: str, *, mode: str = "r") -> zarr.Array[Any]:
    """Open one array of a store, past its consolidated metadata."""
    return zarr.open_array(path / name, mode=mode)


def job_shape(path: Path, name: str) -> tuple[int, ...]:
    """Return the shard shape of an array: the unit of every job."""
    array = open_array(path, name)
    return array.shards or array.chunks


def finish(path: Path, attributes: Mapping[str, Any]) -> None:
    """Say what is known at the end and that the store is complete; the very last write.

    The metadata is consolidated, so that ``xr.open_zarr(path)`` reads one file and warns of nothing.
    """
    root = zarr.open_group(path, mode="r+", use_consolidated=False)
    root.attrs.update({**attributes, "complete": True})
    with warnings.catch_warnings():
        # Version 3 of the format leaves consolidation to implementations; xarray asks for it.
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(path)


def attributes_of(path: Path) -> dict[str, Any]:
    """Return the attributes of a store, empty where there is none."""
    if not (path / "zarr.json").exists():
        return {}
    return dict(zarr.open_group(path, mode="r", use_consolidated=False).attrs)


def is_complete(path: Path, identity: Identity | None = None) -> bool:
    """Tell whether a store is complete, and made with this identity where one is given."""
    attributes = attributes_of(path)
    same = identity is None or attributes.get("key") == key_of(identity)
    return bool(attributes.get("complete")) and same


def whole(region: tuple[slice, slice], depth: int) -> Region:
    """Return the region of a lateral block over the full depth."""
    return (*region, slice(0, depth))
