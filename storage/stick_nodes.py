"""The nodes of all sticks as one small table in the store of surfaces."""

import numpy as np
from numpy.typing import NDArray

from storage.locations import Location
from storage.volume import open_array, open_group, read_array

NODES = "stick_nodes"


def write_nodes(path: Location, columns: tuple[str, ...], rows: NDArray[np.float64]) -> None:
    """Write the table; what an earlier run left there is replaced.

    Parameters
    ----------
    path
        The store, laid out and not yet complete.
    columns
        Names of the columns.
    rows
        Shape (nodes, columns).
    """
    array = open_group(path, mode="r+").create_array(
        NODES,
        data=rows,
        chunks=(max(1, min(len(rows), 1 << 16)), len(columns)),
        dimension_names=("stick_node", "stick_column"),
        overwrite=True,
    )
    array.attrs["columns"] = list(columns)


def read_nodes(path: Location) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the names of the columns and the table."""
    columns = open_array(path, NODES).attrs["columns"]
    return tuple(str(name) for name in columns), read_array(path, NODES)  # type: ignore[union-attr]
