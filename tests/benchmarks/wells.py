"""Well placement side by side: `make bench-wells`, or `python -m tests.benchmarks.wells --help`.

Every method has the same exact objective and CPU time of one process; compiling is done before. Peers
have --peer-times as much time as graben. CMA-ES and PSO come from the group `bench` of pyproject.toml.
"""

import argparse
import shlex
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from models.wells.constraints import Ground
from models.wells.objective import Drainage, ValueMap, evaluate
from tasks.maps import assign, reservoir_map
from tasks.refine import Refined, gap_between, refine
from tasks.search import WellPlan, run_start
from tasks.well_problem import Problem, pose
from tests.benchmarks.well_peers import PEERS, Contest, Float, TimeIsOver, clock

GOALS = {"map 0": 4.740e9, "map 1": 4.778e9}
REAL = Path(__file__).parents[3] / "shared" / "data" / "maps" / "map-format"


def say(line: str) -> None:
    """Write one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def noisy_map(side: int, seed: int, correlation: float) -> Float:
    """Return the synthetic map of the yardstick: three Gaussian fields and white noise, mean 2.4.

    The order of the draws is part of it: seeds 0 and 1 with 10 cells are the maps that the values of
    `GOALS` belong to.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((side, side), np.float32)
    for length, weight in ((correlation, 1.0), (correlation * 3, 0.8), (correlation / 3, 0.4)):
        step = max(1, int(length // 4))
        coarse = side // step + 8
        white = rng.standard_normal((coarse, coarse)).astype(np.float32)
        field = gaussian_filter(white, length / step, mode="wrap")
        field /= field.std()
        if step > 1:
            at = np.arange(side, dtype=np.float32) / step
            low = at.astype(np.int64)
            part = (at - low).astype(np.float32)
            rows = field[low] * (1 - part)[:, None] + field[low + 1] * part[:, None]
            field = rows[:, low] * (1 - part)[None] + rows[:, low + 1] * part[None]
        total += np.float32(weight) * field[:side, :side]
    total /= total.std()
    total = 2.4 + 0.8 * total
    total += 0.25 * rng.standard_normal(total.shape, dtype=np.float32)
    return np.maximum(total, 0.0).astype(np.float64)


def seed_greedy(value_map: ValueMap, drainage: Drainage) -> Float:
    """Return the plan of the first program: the best squares of a coarse grid, largest circles first."""
    side = 2 * float(drainage.last_radii_m.mean())
    rows, columns = value_map.values.shape
    down = max(1, int(value_map.height_m // side))
    across = max(1, int(value_map.width_m // side))
    y = np.minimum((np.arange(rows) + 0.5) * value_map.cell_height_m // side, down - 1)
    x = np.minimum((np.arange(columns) + 0.5) * value_map.cell_width_m // side, across - 1)
    square = (y[:, None] * across + x[None, :]).astype(int).ravel()
    sums = np.bincount(square, value_map.values.ravel(), minlength=down * across)
    means = sums / np.bincount(square, minlength=down * across)
    best = np.argsort(-means, kind="stable")
    positions = np.empty((drainage.radii_m.size, 2))
    for rank, well in enumerate(np.argsort(-drainage.radii_m, kind="stable")):
        row, column = divmod(int(best[rank % best.size]), across)
        positions[well] = (column + 0.5) * side, (row + 0.5) * side
    return positions


@dataclass(frozen=True)
class Case:
    """A map as a file, and the wells on it."""

    name: str
    path: Path
    wells: int
    radius_m: float
    periods: int
    growth_m: float

    def posed(self, seed: int) -> tuple[ValueMap, Problem]:
        """Return the map and the problem."""
        assignment = assign(
            self.path,
            self.radius_m,
            wells=self.wells,
            periods=self.periods,
            growth=self.growth_m,
            origin=None,
            azimuth_deg=0.0,
        )
        value_map = reservoir_map(self.path).value_map
        free = Ground(value_map.width_m, value_map.height_m)
        return value_map, pose(assignment, free, seed=seed)


def written(folder: Path, name: str, values: Float, wells: int = 20) -> Case:
    """Write a synthetic map and return the case of the yardstick on it."""
    path = folder / f"{name.replace(' ', '-')}.txt"
    rows, columns = values.shape
    numbers = " ".join(f"{value:.9g}" for value in values.flat)
    path.write_text(f"OIL\n{columns} {rows}\n100 100\n{numbers}", encoding="ascii")
    return Case(name, path, wells, 1500.0, 10, 1.45)


def cases(folder: Path, chosen: list[str]) -> list[Case]:
    """Return the cases whose names begin with one of those chosen."""
    found = [
        written(folder, name, noisy_map(300, seed, length))
        for name, seed, length in (
            ("map 0", 0, 10.0),
            ("map 1", 1, 10.0),
            ("short correlation", 2, 5.0),
            ("middle correlation", 2, 15.0),
            ("long correlation", 2, 50.0),
        )
        if any(name.startswith(part) for part in chosen)
    ]
    if "large" in chosen:
        found.append(written(folder, "large", noisy_map(3000, 7, 50.0), 200))
    real = sorted(REAL.glob("*.txt"))[:2] if "real" in chosen else []
    if "real" in chosen and not real:
        say(f"\nThe real maps are left out: no {REAL}.")
    return found + [Case(f"real {path.stem}", path, 20, 300.0, 10, 0.3) for path in real]


def ours(case: Case, seconds: float | None, seed: int) -> tuple[Refined, float]:
    """Return graben's plan with its bound, and the CPU seconds of search, start-up apart.

    Without seconds it does the work that it does by default.
    """
    value_map, problem = case.posed(seed)
    began = clock()
    first = run_start(0, problem=problem)
    plan = WellPlan(
        np.array(first["positions_m"]), float(first["value"]), 0, (float(first["value"]),)
    )
    left = None if seconds is None else seconds - (clock() - began)
    found = refine(problem, plan, seconds=left, clock=clock)
    took = clock() - began
    if evaluate(value_map, found.positions_m, problem.drainage).value != found.value:
        raise RuntimeError("the value is not that of the plan")
    return found, took


def contend(case: Case, seconds: float, times: float, seeds: int, peers: list[str]) -> None:
    """Print the table of one case."""
    value_map, problem = case.posed(0)
    base = evaluate(value_map, seed_greedy(value_map, problem.drainage), problem.drainage).value
    rows, columns = value_map.values.shape
    say(
        f"\n## {case.name}\n\n{rows} x {columns} cells of {value_map.cell_width_m:g} x "
        f"{value_map.cell_height_m:g} m, {case.wells} wells of {case.radius_m:g} m, {case.periods} "
        f"periods, growth {case.growth_m:g} m; {seeds} seeds\n"
    )
    say("| method | median | least | largest | beside seed greedy | CPU s |")
    say("| --- | --- | --- | --- | --- | --- |")

    def row(name: str, values: list[float], took: float) -> float:
        middle = statistics.median(values)
        figures = " | ".join(f"{one:.5e}" for one in (middle, min(values), max(values)))
        say(f"| {name} | {figures} | {100 * (middle / base - 1):+.2f} % | {took:.1f} |")
        return middle

    row("seed greedy", [base], 0.0)
    best_peer = 0.0
    for name in peers:
        values = []
        for seed in range(seeds):
            contest = Contest(value_map, problem.drainage, seconds * times)
            try:
                PEERS[name](contest, seed)
            except TimeIsOver:
                values.append(contest.best)
        best_peer = max(best_peer, row(name, values, seconds * times))
    runs = [ours(case, seconds, seed) for seed in range(seeds)]
    took = statistics.median(took for _, took in runs)
    value = row("graben", [found.value for found, _ in runs], took)
    row("bound", [found.bound for found, _ in runs], took)
    concluded(value, best_peer, [found for found, _ in runs])
    if case.name in GOALS:
        goals(case, seeds)


def concluded(value: float, best_peer: float, runs: list[Refined]) -> None:
    """Print what of the goals was reached."""
    gap = statistics.median(found.gap for found in runs)
    iterations = statistics.median(found.iterations for found in runs)
    steps = statistics.median(found.steps for found in runs)
    say(f"\n- gap, median: {gap:.2%}, after {steps:g} steps and {iterations:g} iterations")
    course = (f"{at:.1f} s {gap_between(*both):.2%}" for at, *both in runs[0].course)
    say("- gaps of the first seed, by CPU time since the first plan: " + ", ".join(course))
    if best_peer:
        verdict = "not below" if value >= best_peer else "**below**"
        say(f"- graben is {verdict} the best peer: {100 * (value / best_peer - 1):+.2f} %")


def goals(case: Case, seeds: int) -> None:
    """Print what the default search and half a minute of it reach."""
    runs = [ours(case, None, seed) for seed in range(seeds)]
    value = statistics.median(found.value for found, _ in runs)
    gap = statistics.median(found.gap for found, _ in runs)
    took = statistics.median(took for _, took in runs)
    met = "reached" if value >= GOALS[case.name] else "**missed**"
    say(
        f"- default search: median {value:.5e}, gap {gap:.2%}, in {took:.1f} s; goal of at least "
        f"{GOALS[case.name]:.4g}: {met}"
    )
    found, took = ours(case, 30.0, 0)
    say(f"- in {took:.1f} s: {found.value:.5e}, gap {found.gap:.2%}")


def speed() -> None:
    """Print what one value with its gradient costs."""
    rng = np.random.default_rng(0)
    for side, wells, often in ((300, 20, 300), (10_000, 10_000, 3)):
        value_map = ValueMap(rng.random((side, side)), 100.0, 100.0)
        drainage = Drainage(np.full(wells, 1500.0), 10, 1.45)
        plan = rng.random((wells, 2)) * side * 100.0
        evaluate(value_map, plan, drainage)
        began = clock()
        for _ in range(often):
            evaluate(value_map, plan, drainage)
        took = (clock() - began) / often
        say(f"value and gradient, {side} x {side} cells, {wells} wells: {1e3 * took:.2f} ms CPU")


def main() -> None:
    """Run the cases that are asked for."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time of graben, s")
    parser.add_argument("--peer-times", type=float, default=10.0, help="so much more for peers")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cases", default="map 0,map 1,short,middle,long,real", help="or large")
    parser.add_argument("--peers", default=",".join(PEERS), help="'' for none")
    parser.add_argument("--speed", action="store_true", help="what one value costs, nothing else")
    given = parser.parse_args()
    if given.speed:
        speed()
        return
    peers = [name for name in given.peers.split(",") if name]
    for name, module in (("CMA-ES (cma)", "cma"), ("PSO (pymoo)", "pymoo")):
        if name in peers:
            try:
                __import__(module)
            except ModuleNotFoundError:
                sys.exit(
                    f"{module} is missing: install the group bench of pyproject.toml, or --peers ''"
                )
    with tempfile.TemporaryDirectory() as folder:
        found = cases(Path(folder), given.cases.split(","))
        said = shlex.join(sys.argv[1:])
        say(f'`make bench-wells BENCH="{said}"`' if said else "`make bench-wells`")
        # Compiling is paid before anything is timed.
        rng = np.random.default_rng(0)
        ours(written(Path(folder), "warm", rng.random((40, 40)), 3), 0.1, 0)
        for case in found:
            contend(case, given.seconds, given.peer_times, given.seeds, peers)


if __name__ == "__main__":
    main()
