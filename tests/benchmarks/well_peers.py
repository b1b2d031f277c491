"""The peers of the well placement: what they see of the objective, and how each is run."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.wells.objective import Drainage, ValueMap, evaluate

Float = NDArray[np.float64]
clock = time.process_time


class TimeIsOver(Exception):  # noqa: N818 - it is no error
    """Ends a method that knows no clock."""


class Contest:
    """The objective as the peers see it: a point of the unit cube to a number to make small."""

    def __init__(self, value_map: ValueMap, drainage: Drainage, seconds: float) -> None:
        self._map, self._drainage = value_map, drainage
        self.size = np.array([value_map.width_m, value_map.height_m])
        self.wells, self.best, self._end = drainage.radii_m.size, 0.0, clock() + seconds

    def __call__(self, point: Float) -> float:
        return self.with_slope(point)[0]

    def with_slope(self, point: Float) -> tuple[float, Float]:
        """Return the negative objective and its gradient."""
        places = np.clip(point, 0, 1).reshape(-1, 2) * self.size
        found = evaluate(self._map, places, self._drainage)
        self.best = max(self.best, found.value)
        if clock() > self._end:
            raise TimeIsOver
        return -found.value, -(found.by_position * self.size).ravel()


def cma_es(contest: Contest, seed: int) -> None:
    """Covariance matrix adaptation with growing populations, random starts."""
    import cma

    rng = np.random.default_rng(seed)
    for start in range(10**6):
        options = {"bounds": [0, 1], "verbose": -9, "seed": 1000 * seed + start + 1}
        options["popsize"] = 20 * 2 ** min(start, 3)
        strategy = cma.CMAEvolutionStrategy(rng.random(2 * contest.wells), 0.3, options)
        while not strategy.stop():
            points = strategy.ask()
            strategy.tell(points, [contest(np.asarray(point)) for point in points])


def pso(contest: Contest, seed: int) -> None:
    """Adaptive particle swarm of 60."""
    from pymoo.algorithms.soo.nonconvex.pso import PSO
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.optimize import minimize as optimise

    class Placement(ElementwiseProblem):
        def __init__(self) -> None:
            super().__init__(n_var=2 * contest.wells, n_obj=1, xl=0, xu=1)

        def _evaluate(self, x: Float, out: dict[str, float], *_: object, **__: object) -> None:
            out["F"] = contest(x)

    for start in range(10**6):
        optimise(Placement(), PSO(pop_size=60), ("n_gen", 2000), seed=1000 * seed + start)


def multistart(contest: Contest, seed: int) -> None:
    """L-BFGS on the exact gradient from random plans."""
    rng = np.random.default_rng(seed)
    scale = 1.0
    while True:
        begun = rng.random(2 * contest.wells)
        scale = max(scale, abs(contest(begun)))

        def scaled(point: Float, scale: float = scale) -> tuple[float, Float]:
            value, slope = contest.with_slope(point)
            return value / scale, slope / scale

        minimize(scaled, begun, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * begun.size)


PEERS: dict[str, Callable[[Contest, int], None]] = {
    "multistart L-BFGS": multistart,
    "CMA-ES (cma)": cma_es,
    "PSO (pymoo)": pso,
}
