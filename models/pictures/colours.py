"""From colours back to amplitudes: the curve that a palette draws through colours, known or found.

A palette gives every amplitude a colour, so the colours of a section lie on a curve. Palettes that everyone
uses are tried first. For others, colours that are frequent are joined by the shortest tree; the longest way
through it runs from one end of the palette to the other. How far along the curve a colour lies grows with
the amplitude. Which end is positive, no picture tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph
from scipy.spatial import KDTree, distance

Colours = NDArray[np.uint8]
Points = NDArray[np.float64]

KNOWN: dict[str, Sequence[Sequence[int]]] = {
    "blue, white, red": ((0, 0, 255), (255, 255, 255), (255, 0, 0)),
    "dark blue to dark red": (
        (0, 0, 80),
        (0, 0, 255),
        (255, 255, 255),
        (255, 0, 0),
        (128, 0, 0),
    ),
    "soft blue to red": (
        (5, 48, 97),
        (67, 147, 195),
        (247, 247, 247),
        (214, 96, 77),
        (103, 0, 31),
    ),
    "black, white, red": ((0, 0, 0), (255, 255, 255), (255, 0, 0)),
    "cyan, blue, grey, brown, yellow": (
        (161, 255, 255),
        (0, 0, 191),
        (77, 77, 77),
        (204, 204, 204),
        (97, 69, 0),
        (191, 0, 0),
        (255, 255, 0),
    ),
    "rainbow from dark blue": (
        (0, 0, 128),
        (0, 0, 255),
        (0, 255, 255),
        (255, 255, 0),
        (255, 0, 0),
        (128, 0, 0),
    ),
    "rainbow from violet": (
        (255, 0, 255),
        (0, 0, 255),
        (0, 255, 255),
        (0, 255, 0),
        (255, 255, 0),
        (255, 0, 0),
    ),
}
"""Colours at even steps of amplitude, the negative end first."""

CLOSE = 24.0
"""Levels of 255, the mean distance of pixels from a known palette, of each at most `NEAR`. Sections lie at 0
to 9 from their own palette, compressed by JPEG at 10 to 26, from others at 24 and more."""

SKEW = 0.3
"""Most that the median amplitude of a section lies from 0, of its range; by another palette it does."""

SAMPLE, TRIED = 1 << 19, 1 << 15
"""Pixels that a palette is found from, and by which known ones are tried."""

RARE = 1e-4
"""Share of the pixels below which a colour is lettering, or a line drawn over the section."""

CLOUD, CORE = 220, 0.9
"""More cells of colour than this are a cloud that compression made, of which so much of the pixels is used:
a palette as long as colour space allows fills fewer."""

NEAR, BEYOND = 48.0, 1.5
"""Distance from the curve, in levels of 255, beyond which a colour is none of the palette's; at least so many
times that of nine tenths of the pixels, which compression may have moved."""

GREY_SPREAD = 12
"""Largest difference between the channels of a grey, as compression leaves it."""

BITS = 6
"""Of each channel that colours are told apart by when they are turned into amplitudes."""

STEPS = 512
"""Points of a curve that distances are measured to."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A palette.

    Attributes
    ----------
    name
        For people.
    points
        Colours along it at even steps of amplitude from -1 to 1, (n, 3), 0 to 255.
    near
        How far from it colours are its own.
    """

    name: str
    points: Points
    near: float = NEAR

    def dense(self) -> tuple[Points, Points]:
        """Return many colours along the curve and their amplitudes."""
        at = np.linspace(0, len(self.points) - 1, STEPS)
        steps = np.arange(len(self.points))
        bands = [np.interp(at, steps, self.points[:, band]) for band in range(3)]
        return np.stack(bands, axis=1), np.linspace(-1, 1, STEPS)


GREY = Curve("grey", np.array([[0.0] * 3, [255.0] * 3]))


def curve_of(pixels: Colours) -> Curve:
    """Return the palette of a section.

    Parameters
    ----------
    pixels
        (n, 3), some of its pixels.
    """
    some = pixels[:: -(-len(pixels) // SAMPLE)]
    if np.quantile(np.ptp(some, axis=1), 0.95) <= GREY_SPREAD:
        return GREY  # what has colours is drawn over it
    tried = some[:: -(-len(some) // TRIED)].astype(np.float64)
    known = [Curve(name, np.array(points, np.float64)) for name, points in KNOWN.items()]
    away = [_distance(each, tried) for each in known]
    best = int(np.argmin(away))
    if away[best] <= CLOSE and _is_even(known[best], tried):
        return _reaching(known[best], tried)
    points = _frequent(some)
    return _reaching(_found(points), tried) if len(points) > 2 else GREY


def _reaching(curve: Curve, some: Points) -> Curve:
    """Return the palette with how far from it most of its colours lie."""
    away, _ = KDTree(curve.dense()[0]).query(some)
    return replace(curve, near=max(NEAR, BEYOND * float(np.quantile(away, 0.9))))


def _distance(curve: Curve, some: Points) -> float:
    """Return the mean distance of colours from a curve."""
    away, _ = KDTree(curve.dense()[0]).query(some)
    return float(np.minimum(away, NEAR).mean())


def _is_even(curve: Curve, some: Points) -> bool:
    """Tell whether a palette makes amplitudes of colours that lie around 0, as those of sections do."""
    colours, values = curve.dense()
    _, nearest = KDTree(colours).query(some)
    return bool(abs(np.median(values[nearest])) <= SKEW)


def _found(points: Points) -> Curve:
    """Return the palette through frequent colours, positive where it is light or red."""
    way = _smoothed(points[_longest_way(points)])
    if way[0].sum() + 2 * way[0, 0] > way[-1].sum() + 2 * way[-1, 0]:
        way = way[::-1]
    along = np.append(0, np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1)))
    even = np.linspace(0, along[-1], STEPS)
    bands = [np.interp(even, along, way[:, band]) for band in range(3)]
    return Curve("found in the picture", np.stack(bands, axis=1))


def _frequent(some: Colours) -> Points:
    """Return the mean colours of the cells of colour space that hold more than a few pixels."""
    codes = _codes(some, 5)
    _, which, counts = np.unique(codes, return_inverse=True, return_counts=True)
    kept = counts >= max(2, RARE * len(some))
    if kept.sum() > CLOUD:
        order = np.argsort(-counts)
        core = int(np.searchsorted(np.cumsum(counts[order]), CORE * len(some)))
        kept = np.isin(np.arange(len(counts)), order[: min(max(core, 8), 4 * CLOUD)])
    sums = np.stack([np.bincount(which, some[:, band]) for band in range(3)], axis=1)
    means: Points = sums[kept] / counts[kept, None]
    return means


def _longest_way(points: Points) -> NDArray[np.intp]:
    """Return the points on the longest way through the shortest tree that joins all."""
    tree = csgraph.minimum_spanning_tree(distance.squareform(distance.pdist(points)))
    both = tree + tree.T
    start = int(np.argmax(csgraph.dijkstra(both, indices=0)))
    far, before = csgraph.dijkstra(both, indices=start, return_predecessors=True)
    way = [int(np.argmax(far))]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return np.array(way)


def _smoothed(way: Points) -> Points:
    """Return the way less its detours within the cloud of colours that compression makes."""
    if len(way) < 5:
        return way
    padded = np.concatenate([way[:1], way, way[-1:]])
    smooth: Points = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    smooth[0], smooth[-1] = way[0], way[-1]
    return smooth


def _codes(pixels: Colours, bits: int) -> NDArray[np.int32]:
    """Return a number for each colour cell."""
    red, green, blue = ((pixels[..., band] >> (8 - bits)).astype(np.int32) for band in range(3))
    return np.asarray((red << 2 * bits) | (green << bits) | blue)


def amplitude_table(curve: Curve) -> NDArray[np.float32]:
    """Return the amplitude of every colour cell: NaN for colours that are none of the palette's."""
    levels = (np.arange(1 << BITS) + 0.5) * (256 >> BITS)
    cells = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    colours, values = curve.dense()
    away, nearest = KDTree(colours).query(cells, distance_upper_bound=curve.near)
    known = np.append(values, np.nan)[nearest]
    return np.where(np.isfinite(away), known, np.nan).astype(np.float32)


def amplitudes(pixels: Colours, table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the amplitudes of pixels, (..., 3), by a table; NaN where something else is drawn."""
    return np.asarray(table[_codes(pixels, BITS)])


def seen_best_on(curve: Curve) -> tuple[int, int, int]:
    """Return the colour for faults that stands out most from a palette."""
    choices = np.array(
        [[255, 40, 40], [255, 230, 0], [0, 230, 60], [255, 0, 255], [0, 220, 255]], np.float64
    )
    away = distance.cdist(choices, curve.dense()[0]).min(axis=1)
    away[0] *= 1.3  # red, if it can be
    red, green, blue = choices[int(np.argmax(away))].astype(int).tolist()
    return red, green, blue
