"""The check of a run's plans by a simulator: what is asked, which plans, and what is said of it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from distributed import Client

from flows.settings.wells import PlaceWells
from flows.terminal import say
from storage.errors import InputError
from storage.run_record import read
from tasks.fan_out import Progress
from tasks.maps import Assignment
from tasks.search import WellPlan
from tasks.simulate import flow_version
from tasks.verify_wells import FOLDER, Verified, verify
from tasks.well_contrast import random_layouts
from tasks.well_decks import Check, Layout
from tasks.well_problem import Problem

SIMULATIONS = FOLDER
"""Folder of decks and of what a simulator made of them."""

OF_WORKERS = "flow of the workers"
"""Stands for the simulator's version where this machine need not have it."""


def check_of(settings: PlaceWells, assignment: Assignment) -> Check | None:
    """Return how plans are simulated; None: they are not.

    Raises
    ------
    InputError
        If the simulator is not on this machine, and its own processes are to run it.
    """
    if settings.verify is None:
        return None
    return Check(
        top=settings.top,
        period_years=settings.period_years,
        years=settings.verify_years,
        permeability_md=settings.verify_permeability,
        power=settings.verify_power,
        is_porosity=assignment.reservoir.kind == "PORO",
        limit_s=settings.verify_limit,
        simulator=OF_WORKERS if settings.scheduler else flow_version(),
    )


def identity_of(settings: PlaceWells) -> dict[str, Any]:
    """Return what of the check decides the results."""
    if settings.verify is None:
        return {}
    names = (
        "verify",
        "top",
        "contrast",
        "verify_years",
        "verify_permeability",
        "verify_power",
        "period_years",
    )
    return {name: getattr(settings, name) for name in names}


def was_verified(record: Path) -> bool:
    """Tell whether a record is of a run that simulated its plans; one that cannot be read is not."""
    with suppress(InputError):
        return record.exists() and "verify" in read(record).get("identity", {})
    return False


def verified(
    settings: PlaceWells,
    check: Check,
    problem: Problem,
    plan: WellPlan,
    *,
    client: Client | None,
    progress: Progress | None,
) -> Verified:
    """Simulate the plan that is written and the best of the starts.

    Parameters
    ----------
    settings, check, problem
        What is asked.
    plan
        The plan that is written, and with it those of the starts.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    order = sorted(range(len(plan.values)), key=lambda start: (-plan.values[start], start))
    layouts = [
        Layout("written", plan.positions_m, problem.gross(plan.value, len(plan.positions_m)))
    ]
    layouts += [
        Layout(
            f"start {start}",
            plan.plans[start],
            problem.gross(plan.values[start], len(plan.plans[start])),
        )
        for start in order
    ]
    contrast = random_layouts(problem, settings.contrast, len(plan.positions_m))
    most, folder = settings.top + len(contrast), settings.out / SIMULATIONS
    say(f"Simulating up to {most} plans with {check.simulator}: {folder}")
    return verify(
        problem, layouts, contrast, check, out=settings.out, client=client, progress=progress
    )


def verdict_of(facts: Mapping[str, Any]) -> str:
    """Say in words what the simulator plan.

    Parameters
    ----------
    facts
        ``verification`` of ``summary.json``.
    """
    plans = facts["plans"]
    done = [plan for plan in plans if plan["oil_m3"] is not None]
    lost = f"; {len(plans) - len(done)} of {len(plans)} did not come to their end"
    if not done:
        return f"Simulation: none of {len(plans)} plans came to its end."
    made = sorted((plan["oil_m3"] for plan in done), reverse=True)
    text = f"{facts['simulator']} over {facts['years']:g} years: "
    agreement = facts["spearman"]
    if agreement is None:
        text += f"{_plans(len(done))}, too few or too alike to be put in an order"
    else:
        text += (
            f"{len(done)} plans, rank agreement with their values {agreement:.2f} (Spearman; 1: the same "
            "order)"
        )
        among = facts["spearman_of_best"]
        text += "" if among is None else f", among the best ones alone {among:.2f}"
    own = plans[0]["oil_m3"]
    if own is not None:
        text += f"; the plan of wells.csv makes {own:.6g} m\u00b3 of oil"
        text += f", rank {1 + made.index(own)} of {len(done)}" if len(done) > 1 else ""
    if len(done) > 1:
        values = [plan["value"] for plan in done]
        text += (
            f"; values lie within {1 - min(values) / max(values):.2%} and oil within "
            f"{1 - made[-1] / made[0]:.2%} of the most"
        )
    return text + (lost if len(done) < len(plans) else "") + "."


def _plans(count: int) -> str:
    return "1 plan" if count == 1 else f"{count} plans"
