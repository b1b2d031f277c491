"""Whether circles rank plans as OPM Flow does: `make bench-verify`, or `python -m tests.benchmarks.verify`.

The case of 40 x 40 cells and 6 wells: the best plans of the search and others at random places, simulated by
OPM Flow with what may be assumed of the rock. Prints Markdown.
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from models.wells.constraints import Ground
from tasks.maps import assign
from tasks.search import search
from tasks.simulate import flow_version
from tasks.verify_wells import verify
from tasks.well_contrast import random_layouts
from tasks.well_decks import Check, Layout
from tasks.well_problem import Problem, pose
from tests.benchmarks.wells import noisy_map

SIDE, CELL_M, WELLS, RADIUS_M, PERIODS = 40, 100.0, 6, 700.0, 10

ROCKS: dict[str, tuple[float | None, float, float | None]] = {
    "uniform, by the circle (default)": (None, 0.0, None),
    "uniform, 200 mD, 2 years": (200.0, 0.0, 2.0),
    "uniform, 200 mD, 10 years": (200.0, 0.0, None),
    "cube of porosity, by the circle": (None, 3.0, None),
    "cube of porosity, 200 mD, 2 years": (200.0, 3.0, 2.0),
}
"""Permeability, mD; power of porosity; years."""


def main() -> None:
    """Run every assumption on every map."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=2, help="seeds 0, 1, ... of the map")
    parser.add_argument("--contrast", type=int, default=6, help="plans at random places")
    given = parser.parse_args()
    if shutil.which("flow") is None:
        sys.stdout.write("OPM Flow is not on the PATH: apt-get install libopm-simulators-bin\n")
        return
    check = Check(
        3, 1.0, None, None, 0.0, is_porosity=False, limit_s=600.0, simulator=flow_version()
    )
    _row("map", "permeability", "plans", "Spearman", "of the best", "values within", "oil within")
    _row(*["---"] * 7)
    for seed in range(given.maps):
        with tempfile.TemporaryDirectory() as folder:
            problem = _problem(Path(folder), seed)
            found = search(problem, starts=8, output=Path(folder) / "t.csv", identity={})
            order = sorted(range(8), key=lambda start: -found.values[start])
            best = [Layout(f"start {n}", found.plans[n], found.values[n]) for n in order]
            contrast = random_layouts(problem, given.contrast, WELLS)
            for name, (permeability, power, years) in ROCKS.items():
                out = Path(folder) / name.replace(" ", "-")
                told = replace(check, permeability_md=permeability, power=power, years=years)
                facts = verify(problem, best, contrast, told, out=out).facts
                plans = [plan for plan in facts["plans"] if plan["oil_m3"] is not None]
                of_best = facts["spearman_of_best"]
                _row(
                    seed,
                    name,
                    len(plans),
                    f"{facts['spearman']:.2f}",
                    "-" if of_best is None else f"{of_best:.2f}",
                    *(
                        f"{1 - min(p[key] for p in plans) / max(p[key] for p in plans):.1%}"
                        for key in ("value", "oil_m3")
                    ),
                )


def _problem(folder: Path, seed: int) -> Problem:
    values = noisy_map(SIDE, seed, SIDE / 10)
    path = folder / "map.txt"
    text = " ".join(f"{value:.5f}" for value in values.flat)
    path.write_text(f"OIL\n{SIDE} {SIDE}\n{CELL_M:g} {CELL_M:g}\n{text}")
    asked = assign(
        path,
        RADIUS_M,
        wells=WELLS,
        periods=PERIODS,
        growth=1.45,
        origin=None,
        azimuth_deg=None,
    )
    return pose(asked, Ground(SIDE * CELL_M, SIDE * CELL_M), seed=0)


def _row(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
