"""One network in one fresh process: what another left behind, memory and threads, does not weigh on it."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import prod
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.runtime.quiet import quiet_start
from tasks.ensemble import ViewNetwork
from tests.benchmarks.reference_network import (
    REFERENCE_SIDE,
    gigaflops,
    matrix_rate,
    reference_network,
    seconds_of,
)

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Known:
    """What does not change from round to round.

    Parameters
    ----------
    parameters, gflop
        Of the reference: its parameters, and its work on one of its tiles.
    own_gflop
        Work of graben's default network on a million samples.
    matrix_rate
        GFLOP/s of a matrix product.
    """

    parameters: int
    gflop: float
    own_gflop: float
    matrix_rate: float


def alone(work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """Return what a function of a module gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args, **named).result()


def noise(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def measure_reference(threads: int) -> Known:
    """Return the works, and the rate of a matrix product."""
    _use(threads)
    from models.networks.lean import LEAN16, lean

    _, parameters, gflop = reference_network()
    sides = (96, 96, 96)
    own = gigaflops(lean(LEAN16), sides) / prod(sides) * 1e6
    return Known(parameters, gflop, own, matrix_rate())


def time_reference(threads: int) -> list[float]:
    """Return the seconds of one tile of the reference, the second it sees."""
    _use(threads)
    predict = reference_network()[0]
    block = noise((REFERENCE_SIDE,) * 3)
    return seconds_of(lambda: predict(block), 2)[1:]


def time_network(network: ViewNetwork, tiles: list[tuple[int, int, int]]) -> list[float]:
    """Return the seconds of each tile, the second time that the network sees it."""
    runtime = network.load()
    found = []
    for shape in tiles:
        tile = noise(shape)
        found.extend(seconds_of(lambda: runtime.predict(tile), 2)[1:])  # noqa: B023
    return found


def _use(threads: int) -> None:
    with quiet_start():
        from models.networks.training import use_threads
    use_threads(threads)
