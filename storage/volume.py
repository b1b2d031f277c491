"""Volumes in Zarr: lay out, open with xarray, read and write regions, finish.

A store is laid out whole first (the template), then every job writes its own shards, and at the end the
attributes say ``complete: true``. A store opens with ``xr.open_zarr(path)``.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import zarr
from numpy.typing import DTypeLike, NDArray

from storage.errors import InputError, RegionError, undamaged
from storage.geometry import LengthUnit, Region, SampleAxis, SurveyGeometry
from storage.layout import Grid, Profile, codec, volume_grid
from storage.ledger import Identity, key_of
from storage.locations import Location, exists, read_whole, remove, within, write_whole
from storage.shards import read_shard, shard_layout, shards_of, write_shard

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Variable:
    """A volume of samples in a store: name, type, unit and words for people."""

    name: str
    dtype: DTypeLike
    unit: str
    long_name: str


def create_volume(
    path: Location,
    geometry: SurveyGeometry,
    variables: Sequence[Variable],
    attributes: Mapping[str, Any],
    *,
    profile: Profile = "fast",
) -> None:
    """Lay out a store with its coordinates; samples are empty: NaN, or 0 for integers.

    Whatever lies at ``path`` is replaced.
    """
    remove(path)
    root = zarr.create_group(store_path(path), attributes={**attributes, "complete": False})
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
    units = geometry.angle_unit or geometry.xy_unit
    _add(root, "cdp_x", geometry.cdp_x, lateral, units=units, long_name="CDP X")
    _add(root, "cdp_y", geometry.cdp_y, lateral, units=units, long_name="CDP Y")
    _add(root, "live_mask", geometry.live_mask, lateral, long_name="the survey has a trace here")
    for variable in variables:
        dtype = np.dtype(variable.dtype)
        grid = volume_grid(geometry.shape, dtype.itemsize)
        array = add_array(
            root, variable.name, geometry.shape, dtype, grid, geometry.dims, profile=profile
        )
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
    profile: Profile = "fast",
    itemsize: int | None = None,
) -> zarr.Array[Any]:
    """Add an empty sharded array to a group."""
    return group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=grid.chunks,
        shards=grid.shards,
        compressors=[codec(dtype, profile=profile, itemsize=itemsize)],
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


def open_volume(path: Location) -> "xr.Dataset":
    """Open a complete store lazily, without Dask.

    Raises
    ------
    InputError
        If there is no volume, or it is not complete.
    """
    if not is_complete(path):
        reason = "the store is not complete" if exists(path) else "there is no such store"
        raise InputError(path, reason, "Run map-faults first, with --resume where it was stopped.")
    import xarray as xr  # takes longer than many a job, and only readers of whole stores need it

    dataset: xr.Dataset = xr.open_zarr(store_path(path), chunks=None)
    return dataset


def geometry_of(path: Location) -> SurveyGeometry:
    """Return the geometry of a store, complete or not."""
    attributes = attributes_of(path)
    inlines, crosslines, live, x, y = (
        read_array(path, name) for name in ("inline", "crossline", "live_mask", "cdp_x", "cdp_y")
    )
    domain = attributes["domain"]
    axis = open_array(path, "twt" if domain == "time" else "depth")
    interval = float(axis.attrs["interval"])  # type: ignore[arg-type]
    units = str(open_array(path, "cdp_x").attrs["units"])
    xy_unit: LengthUnit | None = "ft" if units == "ft" else "m" if units == "m" else None
    z_unit = units if domain == "time" else axis.attrs["units"]
    length_unit: LengthUnit = "ft" if z_unit == "ft" else "m"
    samples = SampleAxis(domain, float(np.asarray(axis[0])), interval, axis.shape[0], length_unit)
    affine = tuple(attributes["affine"] or ()) or None
    angle_unit = None if xy_unit else units
    return SurveyGeometry(inlines, crosslines, samples, live, x, y, affine, angle_unit, xy_unit)


def read_array(path: Location, name: str) -> NDArray[Any]:
    """Return a whole array that is small enough for it."""
    array = open_array(path, name)
    with undamaged(within(path, name)):
        return np.asarray(array[...])


def read_region(
    path: Location, name: str, region: tuple[slice, ...], live: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """Return a region of one array; slices without steps. A shard with a trace, by ``live``, must be there.

    Raises
    ------
    DamagedStoreError
        If a shard is torn, was changed or is lost.
    """
    array = open_array(path, name, mode="r")
    region = tuple(
        slice(*part.indices(n)[:2]) for part, n in zip(region, array.shape, strict=True)
    )
    layout = shard_layout(array, within(path, name))
    if layout is None:
        with undamaged(within(path, name)):
            return np.asarray(array[region])
    out = np.empty([part.stop - part.start for part in region], array.dtype)
    for shard, inner, target in shards_of(region, layout.shards):
        written = live is not None and bool(live[target[:2]].any())
        read_shard(layout, shard, inner, out[target], written=written)
    return out


def write_region(
    path: Location,
    name: str,
    region: tuple[slice, ...],
    values: NDArray[Any],
    live: NDArray[np.bool_] | None = None,
) -> None:
    """Write a region made of whole shards.

    Parameters
    ----------
    path, name
        Store and array.
    region
        Where.
    values
        Samples of the region.
    live
        Where its first two axes have a trace; chunks without one stay empty. None: everywhere.

    Raises
    ------
    RegionError
        If the region cuts a shard: two jobs could then write one file, and one would lose.
    """
    array = open_array(path, name, mode="r+")
    check_region(array, name, region)
    layout = shard_layout(array, within(path, name))
    if layout is None:
        array[region] = values
        return
    for shard, _, source in shards_of(region, layout.shards):
        write_shard(layout, shard, values[source], None if live is None else live[source[:2]])


def check_region(array: zarr.Array[Any], name: str, region: tuple[slice, ...]) -> None:
    """Refuse a region that is not made of whole shards of the volume."""
    for part, n, shard in zip(region, array.shape, array.shards or array.chunks, strict=True):
        if not 0 <= part.start < part.stop <= n:
            raise RegionError(name, region, f"is not within the shape {array.shape}")
        if part.start % shard or (part.stop % shard and part.stop != n):
            raise RegionError(name, region, f"cuts the shards of {array.shards or array.chunks}")


def open_array(path: Location, name: str, *, mode: str = "r") -> zarr.Array[Any]:
    """Open one array of a store, past its consolidated metadata."""
    with undamaged(within(path, name)):
        return zarr.open_array(store_path(within(path, name)), mode=mode, zarr_format=3)


def open_group(path: Location, *, mode: Literal["r", "r+"] = "r") -> zarr.Group:
    """Open a store or a group in it, past its consolidated metadata."""
    return zarr.open_group(store_path(path), mode=mode, zarr_format=3, use_consolidated=False)


def store_path(path: Location) -> str:
    """Return the location as zarr-python takes it."""
    return str(path)


def job_shape(path: Location, name: str) -> tuple[int, ...]:
    """Return the shard shape of an array: the unit of every job."""
    array = open_array(path, name)
    return array.shards or array.chunks


def volumes_of(path: Location) -> list[str]:
    """Return the names of the volumes in a store: arrays of (inline, crossline, sample)."""
    with undamaged(path):
        return sorted(name for name, array in open_group(path).arrays() if array.ndim == 3)


def finish(path: Location, attributes: Mapping[str, Any]) -> None:
    """Say what is known at the end and that the store is complete; the very last write.

    The metadata is consolidated, so that ``xr.open_zarr(path)`` reads one file and warns of nothing.
    """
    open_group(path, mode="r+").attrs.update(attributes)
    if isinstance(path, Path):
        for pattern in ("*.partial", "*/*.partial", "*/*/*.partial"):
            for left in path.glob(pattern):  # of a process that was killed in a write
                left.unlink()
    with warnings.catch_warnings():
        # Version 3 of the format leaves consolidation to implementations; xarray asks for it.
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(store_path(path), zarr_format=3)
    metadata = within(path, "zarr.json")
    document = json.loads(read_whole(metadata))
    document["attributes"]["complete"] = True
    write_whole(metadata, [json.dumps(document, indent=2).encode()])


def attributes_of(path: Location) -> dict[str, Any]:
    """Return the attributes of a store, empty where there is none."""
    if not exists(within(path, "zarr.json")):
        return {}
    with undamaged(path):
        return dict(open_group(path).attrs)


def is_complete(path: Location, identity: Identity | None = None) -> bool:
    """Tell whether a store is complete, and made with this identity where one is given."""
    attributes = attributes_of(path)
    same = identity is None or attributes.get("key") == key_of(identity)
    return bool(attributes.get("complete")) and same


def whole(region: tuple[slice, slice], depth: int) -> Region:
    """Return the region of a lateral block over the full depth."""
    return (*region, slice(0, depth))
