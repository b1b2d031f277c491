"""The check of well plans by a simulator: a deck for each of the best plans, and whether both judge alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client

from models.wells.agreement import rank_agreement
from storage.ledger import open_ledger
from tasks.fan_out import JobsFailedError, Progress, Result, stream_jobs
from tasks.simulate import Simulation, interruptible, simulate
from tasks.well_decks import Check, Decks, Layout, write_decks
from tasks.well_problem import Problem

FOLDER = "simulations"
MODEL_VERSION = 1
"""Part of every identity: a change of the decks' meaning makes finished simulations strangers."""

DRAINED = 0.98
"""Part of what is made in all, which all plans have made at half of the time: the end tells little then."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it.

    Attributes
    ----------
    facts
        As ``summary.json`` has them.
    failure
        What kept some simulations from their end; None: nothing.
    """

    facts: dict[str, Any]
    failure: JobsFailedError | None


def verify(
    problem: Problem,
    layouts: Sequence[Layout],
    contrast: Sequence[Layout],
    check: Check,
    *,
    out: Path,
    client: Client | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Simulate the first distinct layouts, those that an earlier run did not; compare the order.

    Parameters
    ----------
    problem
        What was asked of the wells.
    layouts
        Plans, the one that counts first; those that no deck can tell apart are one.
    contrast
        Plans that are simulated beside the first ones, however many these are.
    check
        How they are simulated.
    out
        Folder of the results; decks and what comes of them go into its ``simulations``.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    folder = out / FOLDER
    decks = write_decks(problem, layouts, contrast, check, folder)
    jobs = {
        path.stem: Simulation(path.absolute(), decks.days, check.limit_s) for path in decks.paths
    }
    results, failure = dict[str, Result](), None
    identity = {"simulator": check.simulator, "model_version": MODEL_VERSION}
    with open_ledger(folder, identity) as ledger, interruptible():
        try:
            stream_jobs(
                simulate,
                jobs,
                results.__setitem__,
                what="simulations",
                client=client,
                ledger=ledger,
                progress=progress,
                retries=0,
            )
            ledger.close_complete()
        except JobsFailedError as error:
            failure = error
    return Verified(_facts(decks, results, check.simulator), failure)


def _facts(decks: Decks, results: Mapping[str, Result], simulator: str) -> dict[str, Any]:
    """Return what there is to say."""
    plans = [*zip(decks.layouts, decks.paths, strict=True)]
    done = [(plan, results[path.stem]) for plan, path in plans if path.stem in results]
    values, days = [plan.value for plan, _ in done], decks.days
    made = np.array([result["oil_m3"] for _, result in done]).reshape(len(done), len(days))
    # The contrast comes last.
    best = sum(path.stem in results for path in decks.paths[: decks.best])
    assumptions = list(decks.reservoir.assumptions)
    if done and len(days) > 1 and (made[:, len(days) // 2] > DRAINED * made[:, -1]).all():
        assumptions.append(
            "all plans have drained the field long before the end, which tells little of them then: give "
            "fewer --verify-years"
        )
    return {
        "simulator": simulator,
        "years": round(days[-1] / 365.25, 6),
        "cells": [len(decks.reservoir.widths_m), len(decks.reservoir.heights_m)],
        "coarsened_by": decks.reservoir.factor,
        "assumptions": assumptions,
        "spearman": rank_agreement(values, made[:, -1]),
        "spearman_of_best": rank_agreement(values[:best], made[:best, -1]),
        "spearman_by_period": [rank_agreement(values, at) for at in made.T],
        "plans": [
            {
                "plan": plan.name,
                "value": plan.value,
                "deck": f"{FOLDER}/{path.name}",
                **_of_result(results.get(path.stem)),
            }
            for plan, path in plans
        ],
    }


def _of_result(result: Result | None) -> dict[str, Any]:
    """Return the figures of one simulation, none where it did not come to its end."""
    if result is None:
        return {"oil_m3": None, "recovery_percent": None, "seconds": None}
    oil = float(result["oil_m3"][-1])
    return {
        "oil_m3": oil,
        "recovery_percent": 100 * oil / float(result["in_place_m3"]),
        "seconds": result["seconds"],
    }
