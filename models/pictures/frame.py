"""Where the section lies in a picture: margins, axes, titles and colour bars are cut off.

A side of the picture that is of one colour is margin, and so is what has that colour further in. Rows and
columns that mostly differ from it are the section. A box drawn around it says where it ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOOKED_AT = 1600
"""Pixels along the longer side at which large pictures are looked at."""

UNIFORM = 0.85
"""Share of a side of the picture that has one colour where it is margin."""

UNLIKE = 24
"""Levels of 255 by which the section differs from the margin."""

MUTE = 64
"""Levels from black and white between which a margin may be a mute: pages are lighter or darker."""

BUSY = 0.25
"""Share of the fullest rows' pixels that a row of the section has; lettering has fewer."""

GAP, QUIET_GAP = 0.03, 0.15
"""Share of a side that a gap within a section may have; where the margin has the colour of no amplitude."""

QUIET = 0.6
"""Share of pixels unlike the margin, below which it has the colour of no amplitude."""

FAINT = 0.01
"""Share of pixels of a row of the section, where the margin is of a middle tone: it is a mute then."""

LEAST = 0.15
"""Share of the picture along each side that a section has at least."""

LINE = 6
"""Most pixels that the line of a box is wide, at the size that is looked at."""

BOXED = 0.6
"""Share of the height that upright lines have where they are a box and no strong event."""

BESIDE = 3
"""Rows outside a box that are margin, whatever ticks stand there."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of a picture, in pixels: from ... to."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def rows(self) -> slice:
        """Its rows."""
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        """Its columns."""
        return slice(self.left, self.right)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


def section_frame(
    pixels: NDArray[np.generic],
    shown: Mask | None = None,
    scale: tuple[float, float] = (0.0, 255.0),
) -> Frame:
    """Return where the section lies.

    Parameters
    ----------
    pixels
        (rows, columns) or (rows, columns, 3).
    shown
        Where the picture is not transparent; None: everywhere.
    scale
        The level that is black, and the one that is white.
    """
    rows, columns = pixels.shape[:2]
    step = -(-max(rows, columns) // LOOKED_AT)
    small = np.atleast_3d(np.asarray(pixels[::step, ::step], np.float32))
    if scale != (0.0, 255.0):
        small = (small - np.float32(scale[0])) * np.float32(255 / max(scale[1] - scale[0], 1e-30))
    drawn = np.ones(small.shape[:2], bool) if shown is None else shown[::step, ::step]
    content, colours = _unlike_margin(small, drawn)
    muted = any(level.min() > MUTE and level.max() < 255 - MUTE for level in colours)
    top, bottom, left, right = _box_of(content, FAINT if muted else BUSY)
    top, bottom = _shaved(small[top:bottom, left:right], top)
    turned = small[top:bottom, left:right].swapaxes(0, 1)
    left, right = _shaved(turned, left)
    whole = Frame(0, 0, columns, rows)
    if bottom - top < LEAST * small.shape[0] or right - left < LEAST * small.shape[1]:
        return whole
    # A coarse look does not see where within its step the margin ends: all of that step goes.
    inner = 0 if step == 1 else step
    return Frame(
        left * step + (inner if left else 0),
        top * step + (inner if top else 0),
        min(columns, right * step - (inner if right < small.shape[1] else 0)),
        min(rows, bottom * step - (inner if bottom < small.shape[0] else 0)),
    )


def _unlike_margin(
    small: NDArray[np.float32], drawn: Mask
) -> tuple[Mask, list[NDArray[np.float32]]]:
    """Return what is no margin, as it differs from the colours of uniform sides, and these colours."""
    content = drawn.copy()
    sides = (small[0], small[-1], small[:, 0], small[:, -1])
    shown = (drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1])
    colours: list[NDArray[np.float32]] = []
    for side, there in zip(sides, shown, strict=True):
        if not there.any():
            continue
        middle = np.median(side[there], axis=0)
        alike = np.abs(side[there] - middle).max(axis=1) <= UNLIKE / 3
        if alike.mean() >= UNIFORM:
            colours.append(middle)
    for colour in colours:
        content &= np.abs(small - colour).max(axis=2) > UNLIKE
    return content, colours


def _box_of(content: Mask, busy: float) -> tuple[int, int, int, int]:
    """Return top, bottom, left, right of the largest part that is busy in both directions."""
    top, bottom, left, right = 0, content.shape[0], 0, content.shape[1]
    for _ in range(3):
        part = content[top:bottom]
        left, right = _longest_run(part.mean(axis=0) if part.size else np.zeros(0), busy)
        part = content[:, left:right]
        top, bottom = _longest_run(part.mean(axis=1) if part.size else np.zeros(0), busy)
    return _lines_around(content, top, bottom, left, right)


def _longest_run(profile: NDArray[np.float64], least: float) -> tuple[int, int]:
    """Return where the longest run of busy lines begins and ends; short gaps within it count as busy."""
    if not profile.size:
        return 0, 0
    fullest = float(np.quantile(profile, 0.9))
    if fullest <= 0:
        return 0, profile.size
    busy = np.flatnonzero(profile >= least * fullest)
    gap = (GAP if fullest > QUIET else QUIET_GAP) * profile.size
    cuts = np.flatnonzero(np.diff(busy) > max(gap, 1)) + 1
    runs = np.split(busy, cuts)
    longest = max(runs, key=lambda run: int(run[-1] - run[0]))
    return int(longest[0]), int(longest[-1]) + 1


def _lines_around(
    content: Mask, top: int, bottom: int, left: int, right: int
) -> tuple[int, int, int, int]:
    """Return the box drawn around a part, if there is one: two upright lines of one length beside it."""
    middle = (top + bottom) // 2
    ends = []
    for edge in (left, right - 1):
        lines = [
            _line_through(content[:, column], middle)
            for column in range(max(0, edge - LINE), min(content.shape[1], edge + LINE + 1))
        ]
        ends.append(max(lines, key=lambda line: line[1] - line[0]))
    (first_top, first_bottom), (last_top, last_bottom) = ends
    if abs(first_top - last_top) > LINE or abs(first_bottom - last_bottom) > LINE:
        return top, bottom, left, right
    above, below = max(first_top, last_top), min(first_bottom, last_bottom)  # ticks may be longer
    beside = content[max(0, above - BESIDE) : above], content[below : below + BESIDE]
    goes_on = any(part[:, left:right].mean() > BUSY for part in beside if part.size)
    if goes_on or below - above < BOXED * (bottom - top):  # events may end at one row too
        return top, bottom, left, right
    return above, below, left, right


def _line_through(column: Mask, middle: int) -> tuple[int, int]:
    """Return where the unbroken line through a row begins and ends."""
    empty = np.flatnonzero(~column)
    at = int(np.searchsorted(empty, middle))
    if at < empty.size and empty[at] == middle:
        return middle, middle
    first = int(empty[at - 1]) + 1 if at else 0
    last = int(empty[at]) if at < empty.size else column.size
    return first, last


def _shaved(part: NDArray[np.float32], first: int) -> tuple[int, int]:
    """Return where rows begin and end without the lines of a box at either end, of one colour each."""
    last = first + part.shape[0]
    for inwards, ends in ((1, part), (-1, part[::-1])):
        means = ends[: LINE + 2].mean(axis=(1, 2))
        spreads = ends[: LINE + 2].std(axis=(1, 2))
        usual = float(np.median(part.std(axis=(1, 2)))) if part.size else 0.0
        lines = 0
        for at in range(min(LINE, len(means) - 1)):
            if spreads[at] < usual / 2 and np.abs(means[at] - means[-1]) > UNLIKE:
                lines = at + 1
        first, last = (first + lines, last) if inwards > 0 else (first, last - lines)
    return first, last
