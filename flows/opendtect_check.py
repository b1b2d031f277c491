"""The page of ``graben opendtect check``: what a user of the import wizard will see, in plain words."""

import json
from dataclasses import asdict
from pathlib import Path

from flows.settings.opendtect_check import OpendtectCheck
from flows.terminal import say
from storage.errors import SegyError
from storage.geometry import SampleAxis
from storage.locations import Location, absolute
from storage.segy.checklist import rounding
from storage.segy.doctor.finding import counted
from storage.segy.opendtect.head import ACCEPTED
from storage.segy.opendtect.keys import Keys
from storage.segy.opendtect.setup import Setup
from storage.segy.opendtect.view import View
from tasks.opendtect_check import look


def check_survey(settings: OpendtectCheck) -> None:
    """Look at a file and print the page.

    Raises
    ------
    SegyError
        If OpendTect cannot read the file at all.
    """
    view = look(absolute(settings.survey))
    if settings.json_:
        facts = asdict(view) | {
            "accepted": view.accepted,
            "hindrances": view.hindrances,
            "remarks": [asdict(remark) for remark in view.remarks],
            "verdict": verdict(view),
        }
        say(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for line in page(view):
        say(line)


def self_check(path: Location, axis: SampleAxis) -> str:
    """Return what OpendTect will make of a file that graben wrote, in one line for people and report.

    ``axis`` is where its samples belong.
    """
    try:
        view = look(path)
    except SegyError as error:  # a check must not cost a run that is done
        return str(error)
    warned = [
        f"[{remark.number}] {_sentence(remark.what)}" for remark in view.remarks if remark.number
    ]
    rounded = rounding(axis)
    return " ".join(
        [_sentence(verdict(view)), *warned, *([_sentence(rounded)] if rounded else [])]
    )


def verdict(view: View) -> str:
    """Say in one line whether pressing Next brings the file in."""
    if view.hindrances:
        return f"Next will not do in OpendTect: {'; '.join(view.hindrances)}"
    found = "OpendTect imports it by pressing Next"
    if left_out := view.traces - view.accepted:
        found += f", less {left_out} of its {view.traces} traces"
    if isinstance(view.setup, str):
        return f"{found}, into an existing survey; it sets no new survey up from it: {view.setup}"
    if no_place := view.tally.of("no-place"):
        return (
            f"{found}, into an existing survey; placed by coordinates, without "
            f"{counted(no_place, 'trace')} whose X and Y are both below 0.01"
        )
    return f"{found}, into an existing survey or a new one"


def page(view: View) -> list[str]:
    """Return the lines of the page."""
    lines = [Path(view.path).name, _sentence(verdict(view)), ""]
    lines += [f"  {name:<13}{words}" for name, words in _facts(view)]
    if view.remarks:
        lines += ["", "What OpendTect warns of, by its numbers, and what it does unasked:"]
        lines += [
            f"  [{remark.number or '-'}] {_sentence(remark.what)}" for remark in view.remarks
        ]
    return lines


def _facts(view: View) -> list[tuple[str, str]]:
    head, last = view.head, view.start + view.interval * (view.samples - 1)
    kind = ACCEPTED.get(head.stated_format, f"format {head.stated_format}")
    crs = f"; the wizard picks {head.crs}" if head.crs else "; names no coordinate system"
    coding = "EBCDIC" if head.ebcdic else "ASCII"
    revision = (
        f"revision {head.revision}, {head.order}-endian, {kind}, {view.samples} samples a trace"
    )
    step = f"step {view.interval:g}" if view.interval else "no step"
    at = view.proposed
    return [
        ("text", f'{coding}, "{head.text[0].rstrip()}"{crs}'),
        ("file", f"{revision}, lengths in {'feet' if head.feet else 'metres'}"),
        ("traces", _traces(view)),
        ("looks at", f"inline {at.inline}, crossline {at.crossline}, X {at.x}, Y {at.y}"),
        ("revision 1", _keys(view.guesses[1])),
        ("revision 0", _keys(view.guesses[0])),
        ("Z", f"{view.start:g} to {last:g}, {step}: ms, m or ft by the Z domain that you choose"),
        ("new survey", _survey(view.setup)),
    ]


def _traces(view: View) -> str:
    left_out = view.traces - view.accepted
    return f"{view.traces}, " + (f"{left_out} of them left out" if left_out else "all accepted")


def _keys(keys: Keys) -> str:
    """Say what the places of one revision hold in the traces of the quick scan."""
    named = (("IL", keys.inline), ("XL", keys.crossline), ("X", keys.x), ("Y", keys.y))
    return ", ".join(
        f"{name} {key.byte}: {key.low} to {key.high}{'' if key.usable else ' (not usable)'}"
        for name, key in named
    )


def _survey(setup: Setup | str) -> str:
    if isinstance(setup, str):
        return f"no valid set-up: {setup}"
    ranges = (
        f"{name} {first} to {last} step {step}"
        for name, (first, last, step) in (
            ("inlines", setup.inlines),
            ("crosslines", setup.crosslines),
        )
    )
    return f"{', '.join(ranges)}, bins of {setup.bin_inline:.2f} x {setup.bin_crossline:.2f}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith("?") else ".")
