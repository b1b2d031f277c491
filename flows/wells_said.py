"""What a run of place-wells says of its result: the guarantee in words, and what each option does to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.settings.wells import PlaceWells
from flows.wells_asked import REPORT, TABLE


def guarantee_of(proven: Mapping[str, Any], gap: float, wells: int) -> str:
    """Say what is proven.

    Parameters
    ----------
    proven
        ``bound``, and where there are prices ``npv_bound``; ``net_value`` where wells are chosen.
    gap
        By how much the best plan may exceed this one, in proportion.
    wells
        Number of wells.
    """
    best = f"the best plan is at most {gap:.2%} better than this one"
    if "net_value" in proven:
        return (
            f"No plan of any number of these wells on this map is worth more than {proven['npv_bound']:.6g} "
            f"(net present value), wherever they stand: {best}, which is worth {proven['npv']:.6g}."
        )
    these = "this well" if wells == 1 else "these wells"
    return (
        f"No plan of {these} on this map collects more than {proven['bound']:.6g}, wherever they stand: "
        f"{best}."
    )


def cells_said(name: str, facts: Mapping[str, Any]) -> list[str]:
    """Say how many cells of a map count as 0 for another value or for none, a sentence each."""
    said = {"cells_without_value": "have no value", "cells_below_zero": "are a little below 0"}
    return [
        f"{facts[each]} cells of {name} {what}: 0." for each, what in said.items() if facts[each]
    ]


def faults_said(settings: PlaceWells, facts: Mapping[str, Any]) -> list[str]:
    """Say how near wells are to faults, where they keep away from them."""
    if settings.keep_out is None:
        return []
    if facts["nearest_fault_m"] is not None:
        return [f"Nearest faulty bin to a well: {facts['nearest_fault_m']:.1f} m"]
    return [f"Note: no bin of {settings.faults} reaches {facts['fault_threshold']:g} there."]


def outcome_of(settings: PlaceWells, name: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is said of a complete run of either search: what was found, and where it is."""
    for note in cells_said(name, facts):
        yield f"Note: {note}"
    yield from faults_said(settings, facts)
    for note in facts["notes"]:
        yield f"Note: {note}"
    yield facts["guarantee"]
    if "verification" in facts:
        yield facts["verification"]["verdict"]
    yield (
        f"Wells: {facts['wells']} collect {facts['value']:.6g} in {facts['seconds']:.1f} s: "
        f"{settings.out / TABLE}, {settings.out / REPORT}"
    )


def notes_of(settings: PlaceWells, facts: Mapping[str, Any]) -> list[str]:
    """Say what the options that were given do to value and bound, a sentence each."""
    notes = []
    if settings.fault_penalty is not None:
        notes.append(
            f"value and bound are of the map times one less the fault probability, which reaches "
            f"{settings.fault_penalty:g} m; without that the plan collects "
            f"{facts['value_without_penalty']:.6g}."
        )
    if settings.keep_out is not None or settings.lease or settings.no_drill:
        notes.append(
            "value and bound are of plans on allowed ground only; on the whole map more may be possible."
        )
    if settings.spacing is not None:
        notes.append(
            f"wells stand {settings.spacing:g} m or more from each other; the bound takes no account of the "
            "distance between new wells: it holds, and lies farther off than it need."
        )
    if "existing" in facts:
        existing = facts["existing"]
        notes.append(
            f"what the {existing['wells']} existing wells collect, {existing['value']:.6g}, is in neither "
            "value nor bound."
        )
    if settings.growth_from == "local":
        notes.append(
            "each well grows by the mean porosity of its first circle; the bound lets every well grow by "
            "the most that any place gives."
        )
    notes += _of_money(settings, facts)
    if "outlook" in facts:
        found = facts["outlook"]
        notes.append(
            f"value and bound are of the mean of {found['maps']} maps; on one of them this plan collects "
            f"P90 {found['p90']:.6g}, P50 {found['p50']:.6g}, P10 {found['p10']:.6g} (nine of ten maps give "
            "P90 or more)."
        )
    return notes


def _of_money(settings: PlaceWells, facts: Mapping[str, Any]) -> list[str]:
    """Say what prices, costs, discounting and dates do."""
    notes = []
    if settings.budget is not None and settings.well_cost is not None:
        notes.append(
            f"the budget pays for {facts['most_wells']} wells at most; value and bound are of plans within "
            "it."
        )
    if "net_value" in facts:
        notes.append(
            f"{facts['wells']} wells of {facts['most_wells']} at most pay for themselves; the bound holds "
            "for any number up to that."
        )
    if settings.discount:
        notes.append(
            f"what a period collects counts at its beginning, {settings.discount:g} % less for every year "
            f"of periods of {settings.period_years:g} years; value and bound are discounted alike."
        )
    if settings.rigs is not None:
        notes.append(
            f"{settings.rigs} wells begin in each period, in the order of wells.csv; the bound holds for "
            "every order of places at these dates."
        )
    return notes
