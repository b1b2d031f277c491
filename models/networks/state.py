"""The state of a training as a checkpoint keeps it: its step, and arrays by name and number."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsError

Arrays = list[NDArray[np.generic]]
State = dict[str, NDArray[np.generic]]


def state_of(step: int, parts: Mapping[str, Sequence[object]]) -> State:
    """Return a state: ``step``, and ``NAME_0``, ``NAME_1``, ... for the arrays of each part."""
    state: State = {"step": np.asarray(step)}
    for name, arrays in parts.items():
        state |= {f"{name}_{number}": np.asarray(each) for number, each in enumerate(arrays)}
    return state


def arrays_of(state: State, name: str) -> Arrays:
    """Return the arrays of a part in their order."""
    count = sum(key.startswith(f"{name}_") for key in state)
    return [state[f"{name}_{number}"] for number in range(count)]


def of_another_network(source: str, error: Exception) -> WeightsError:
    """Return what to raise where a state does not fit; ``source`` names the file."""
    what = f"the checkpoint is of another network ({error})"
    return WeightsError(source, what, "Start anew with --overwrite.")
