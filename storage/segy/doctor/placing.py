"""Whether line numbers place the traces where they belong, and which others would."""

from collections.abc import Mapping, Sequence

import numpy as np

from storage.segy.columns import Column
from storage.segy.doctor.candidate import SPARSE, USUAL, Candidate
from storage.segy.doctor.finding import Finding, OptionValue
from storage.segy.doctor.lines import judge
from storage.segy.fields import CDP, FIELD_RECORD
from storage.segy.lines import Pair

GATHERS: tuple[Pair, ...] = ((FIELD_RECORD, 13), (17, 13), (CDP, 25))
"""Shot and channel, gather and trace within it."""


def pre_stack(columns: Mapping[int, Column], offsets: Column) -> str | None:
    """Return what shows that traces are not stacked, None where nothing does.

    Parameters
    ----------
    columns
        Columns that may be line numbers.
    offsets
        Distance from source to receiver of the same traces.
    """
    different = len(np.unique(offsets))
    if 1 < different <= len(offsets) / 2 or (different > 1 and not offsets.all()):
        return f"the traces have {different} different offsets (bytes 37-40)"
    for pair in GATHERS:
        if set(pair) <= set(columns) and len(np.unique(columns[pair[1]])) > 1:
            found = judge(pair, columns, len(offsets), [])
            if found and not found.doubled and not found.is_line:
                return f"bytes {pair[0]}/{pair[1]} count {found.inlines} shots and their traces"
    return None


def judge_missing_lines(
    candidates: Sequence[Candidate], unstacked: str | None, tried: Sequence[Pair]
) -> list[Finding]:
    """Say what may place traces that no line numbers place.

    Parameters
    ----------
    candidates
        Other places, the best first.
    unstacked
        From `pre_stack`.
    tried
        Where line numbers were looked for.
    """
    where = "looked for at bytes " + ", ".join(f"{one}/{other}" for one, other in tried)
    best = _best(candidates)
    if best and (best.agrees or not unstacked):
        what = f"no line numbers place the traces but those at {_words(best)}"
        return [Finding("lines", "stops", what, where, _options(best))]
    if unstacked:
        what = f"pre-stack data: {unstacked}, several for each bin"
        advice = "Stack it first, or export the stack."
        return [Finding("pre-stack", "stops", what, where, advice=advice)]
    what = "no line numbers anywhere, and no coordinates on a grid: the traces make one line"
    return [Finding("lines", "stops", what, where, {"as_line": True})]


def judge_found_lines(
    candidates: Sequence[Candidate], now: Candidate | None, *, made: bool
) -> list[Finding]:
    """Say whether other line numbers place the traces better than those that were found.

    Parameters
    ----------
    candidates
        All places, the best first.
    now
        The line numbers that were found; None where they were made.
    made
        True where they were made from the coordinates.
    """
    best = _best(candidates)
    if best is None or (now and best.pair == now.pair):
        return []
    if made:
        if not best.agrees:
            return []
        what = f"no line numbers at the usual bytes, but at {_words(best)}"
    elif now is None:
        return []
    elif best.agrees and now.agrees is not True:
        seen = "contradicted" if now.agrees is False else "not borne out"
        what = f"the line numbers are {seen} by the coordinates; better ones lie at {_words(best)}"
    elif now.occupancy < SPARSE and best.regular and best.agrees is not False:
        what = (
            f"the line numbers fill {now.occupancy:.0%} of their grid; better ones lie at "
            f"{_words(best)}"
        )
    else:
        return []
    where = f"trace bytes {now.pair[0]}/{now.pair[1]}" if now else ""
    return [Finding("lines", "wrong", what, where, _options(best))]


def _best(candidates: Sequence[Candidate]) -> Candidate | None:
    return next((candidate for candidate in candidates if _is_sure(candidate)), None)


def _is_sure(candidate: Candidate) -> bool:
    """Tell whether a pair of columns can hardly be anything else than line numbers."""
    if not candidate.few_doubled:
        return False
    if candidate.agrees is not None:
        return candidate.agrees
    likely = candidate.in_order or candidate.pair in USUAL
    return candidate.regular or (likely and candidate.occupancy >= SPARSE)


def _options(best: Candidate) -> dict[str, OptionValue]:
    return {"inline_byte": best.inline_byte, "crossline_byte": best.crossline_byte}


def _words(best: Candidate) -> str:
    filled = "all filled" if best.occupancy == 1 else f"{best.occupancy:.0%} filled"
    agreed = ", as the coordinates do" if best.agrees else ""
    return (
        f"bytes {best.inline_byte}/{best.crossline_byte}: {best.inlines} x {best.crosslines} bins, "
        f"{filled}{agreed}"
    )
