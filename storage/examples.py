"""Stores of training examples: one Zarr group, one example a shard.

::

    examples.zarr
    ├── amplitude       (example, inline, crossline, twt) float16, zero mean and unit deviation
    ├── fault_label     the same shape, uint8: 1 within a sample of a visible fault
    ├── fault_distance  the same shape, uint8: distance to the nearest visible fault, sixteenths
    ├── throw, strike_deg, dip_deg  float16, NaN without a fault near; geologic_time float32
    │                   where all labels were asked for
    └── label_known     uint8: 0 where a fault of a real background may lie that nobody labelled
                        where faults were put into real blocks

The distance is kept because training needs it: a label cannot be zoomed without growing thick, a
distance can. Half precision is ample for amplitudes that noise is added to, and halves the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from storage.errors import InputError, OutputError
from storage.ledger import differences
from storage.locations import remove

DIMENSIONS = ("example", "inline", "crossline", "twt")
DISTANCE_STEPS = 16
"""Steps of stored distance for each sample."""

FARTHEST = 255 / DISTANCE_STEPS

TRUTH = {
    "throw": "float16",
    "strike_deg": "float16",
    "dip_deg": "float16",
    "geologic_time": "float32",
}
"""Arrays of a store with all labels, and their types."""

KNOWN = "label_known"


@dataclass(frozen=True, slots=True)
class StoredExample:
    """Amplitudes and distances to faults in samples, both float32 of one shape, three axes.

    ``known`` is false where the distance is not to be trusted; None: it is everywhere.
    """

    amplitude: NDArray[np.float32]
    fault_distance: NDArray[np.float32]
    known: NDArray[np.bool_] | None = None

    @property
    def known_distance(self) -> NDArray[np.float32]:
        """The distance, NaN where it is not to be trusted."""
        if self.known is None:
            return self.fault_distance
        return np.where(self.known, self.fault_distance, np.float32(np.nan))


class ExampleStore:
    """A complete store of examples, opened for reading.

    Parameters
    ----------
    path
        The Zarr group.
    growing
        It need not be complete; see `storage.growing_examples`.

    Raises
    ------
    InputError
        If there is no such store, or it is not complete.
    """

    def __init__(self, path: Path, *, growing: bool = False) -> None:
        attributes = _attributes(path)
        if attributes is None:
            raise InputError(
                path, "there is no example store", "Make one with 'graben synthesize'."
            )
        if not (growing or attributes.get("complete")):
            raise InputError(
                path,
                "the example store is incomplete",
                "Finish it with 'graben synthesize --resume'.",
            )
        self.path = path
        self.recipe: dict[str, Any] = dict(attributes["recipe"])
        group = zarr.open_group(path, mode="r")
        self._amplitude = _array(group, "amplitude")
        self._distance = _array(group, "fault_distance")
        self._known = _array(group, KNOWN) if KNOWN in group else None
        self._truth = {name: _array(group, name) for name in TRUTH if name in group}

    def __len__(self) -> int:
        return int(self._amplitude.shape[0])

    @property
    def size(self) -> tuple[int, int, int]:
        """Samples of each example along inline, crossline and twt."""
        _, n0, n1, n2 = self._amplitude.shape
        return n0, n1, n2

    @property
    def may_be_unknown(self) -> bool:
        """Whether the store says of its labels where they are to be trusted."""
        return self._known is not None

    def read(self, index: int) -> StoredExample:
        """Return one example."""
        amplitude = np.asarray(self._amplitude[index], dtype=np.float32)
        distance = np.asarray(self._distance[index], dtype=np.float32)
        known = None if self._known is None else np.asarray(self._known[index], dtype=np.bool_)
        return StoredExample(amplitude, distance / np.float32(DISTANCE_STEPS), known)

    def read_truth(self, index: int) -> dict[str, NDArray[np.float32]]:
        """Return what else is known of one example, float32, by the names of `TRUTH`; may be nothing."""
        return {
            name: np.asarray(array[index], dtype=np.float32) for name, array in self._truth.items()
        }


def is_whole(path: Path) -> bool:
    """Tell whether there is a complete store of examples."""
    return bool((_attributes(path) or {}).get("complete"))


def look_at_examples(
    path: Path, recipe: Mapping[str, Any], *, resume: bool = False, overwrite: bool = False
) -> bool:
    """Tell whether there is nothing left to do for a store; nothing is changed.

    Parameters
    ----------
    path
        The Zarr group to make.
    recipe
        Plain values that decide every byte, with "count" and "size".
    resume
        Going on with an incomplete store of the same recipe is allowed.
    overwrite
        Starting anew is, whatever store is there.

    Returns
    -------
    bool
        True if the store is complete.

    Raises
    ------
    OutputError
        If something else is there, or an incomplete store without ``resume``.
    """
    attributes = _attributes(path)
    if attributes is None:
        if path.exists() and (path.is_file() or any(path.iterdir())):
            raise OutputError(
                path, "something that is no example store lies there", "Name another path."
            )
        return False
    if overwrite:
        return False
    if differing := differences(attributes.get("recipe", {}), recipe):
        raise OutputError(
            path,
            f"another example store lies there: {differing}",
            "Use --overwrite or another path.",
        )
    if attributes.get("complete"):
        return True
    if not resume:
        raise OutputError(path, "the example store is incomplete", "Use --resume or --overwrite.")
    return False


def lay_out_examples(path: Path, recipe: Mapping[str, Any]) -> None:
    """Make a store without examples in the place of the one that is there, if there is one.

    It appears whole and goes whole, so that a kill leaves the old store, none, or the new one.

    Parameters
    ----------
    path
        The Zarr group to make.
    recipe
        Kept in the attributes. With "labels": "all" there are arrays for `TRUTH`, with "like" there is one
        for `KNOWN`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    remove(part)
    if path.exists():
        path.replace(part)
        remove(part)
    _write_empty(part, recipe)
    part.replace(path)


def write_example(
    path: Path,
    index: int,
    amplitude: NDArray[np.float32],
    fault_label: NDArray[np.uint8],
    fault_distance: NDArray[np.float32],
    **others: NDArray[np.generic],
) -> None:
    """Write one example, which is one shard of each array; any process may, at any time.

    Parameters
    ----------
    path
        A store that `lay_out_examples` has made.
    index
        Which example.
    amplitude, fault_label, fault_distance
        Shape (inline, crossline, twt); distance in samples.
    **others
        The store's other arrays, by name.
    """
    group = zarr.open_group(path, mode="r+")
    steps = np.clip(np.round(fault_distance * DISTANCE_STEPS), 0, 255)
    _array(group, "amplitude")[index] = amplitude.astype(np.float16)
    _array(group, "fault_label")[index] = fault_label
    _array(group, "fault_distance")[index] = steps.astype(np.uint8)
    for name, values in others.items():
        _array(group, name)[index] = values.astype(TRUTH.get(name, "uint8"))


def end_examples(path: Path, facts: Mapping[str, Any]) -> None:
    """Mark a store as complete, with facts about its content; what kills left half written goes."""
    for part in path.rglob("*.partial"):
        part.unlink(missing_ok=True)
    zarr.open_group(path, mode="r+").update_attributes({**facts, "complete": True})


def is_laid_out(path: Path) -> bool:
    """Tell whether there is a store of examples, complete or not."""
    return _attributes(path) is not None


def _write_empty(path: Path, recipe: Mapping[str, Any]) -> None:
    """Create the empty arrays."""
    group = zarr.create_group(path, attributes={"recipe": dict(recipe), "complete": False})
    shape = (int(recipe["count"]), *(int(side) for side in recipe["size"]))
    types = {"amplitude": "float16", "fault_label": "uint8", "fault_distance": "uint8"}
    if recipe.get("labels") == "all":
        types |= TRUTH
    if "like" in recipe:
        types[KNOWN] = "uint8"
    for name, dtype in types.items():
        group.create_array(
            name,
            shape=shape,
            chunks=(1, *shape[1:]),
            shards=(1, *shape[1:]),
            dtype=dtype,
            fill_value=0,
            dimension_names=DIMENSIONS,
        )


def _attributes(path: Path) -> dict[str, Any] | None:
    """Return the attributes of an example store, or None where there is none."""
    if not (path / "zarr.json").is_file():
        return None
    attributes = zarr.open_group(path, mode="r").attrs.asdict()
    return attributes if "recipe" in attributes else None


def _array(group: zarr.Group, name: str) -> Any:  # noqa: ANN401 - zarr's arrays index untyped
    return group[name]
