"""The picture of a well plan: map, circles, ground kept out, leases, existing wells."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray

from storage.locations import whole_file
from tasks.well_picture import Picture

Float = NDArray[np.float64]
MOST_NUMBERS = 100
"""Wells that are numbered; more numbers would hide the map."""

MOST_CIRCLES = 4
"""Circles of a well after the first that are drawn."""

KEEP_OUT_COLOUR, KEEP_OUT_ALPHA = "#d62728", 0.5
LEASE_COLOUR, NO_DRILL_COLOUR = "#ff7f0e", "#b40426"


def write_well_map(path: Path, picture: Picture, *, title: str) -> None:
    """Write the picture as PNG, whole or not at all.

    Parameters
    ----------
    path
        The file.
    picture
        What there is to see.
    title
        One line above the map.
    """
    width_m, height_m = picture.size_m
    aspect = height_m / width_m
    width, height = (9.0, 9.0 * aspect) if aspect <= 1 else (9.0 / aspect, 9.0)
    figure = Figure(figsize=(max(width, 4.5) + 2.0, max(height, 3.0) + 1.4), layout="constrained")
    axes = figure.add_subplot()
    extent = (0.0, width_m, 0.0, height_m)
    # A few very rich cells must not make the rest dark.
    top = np.percentile(picture.values, 99.5) or picture.values.max() or 1.0
    across, up = picture.image_m
    image = axes.imshow(
        picture.values,
        origin="lower",
        extent=(0.0, across, 0.0, up),
        cmap="viridis",
        vmin=0.0,
        vmax=top,
    )
    extend = "max" if picture.values.max() > top else "neither"
    figure.colorbar(image, ax=axes, label="map value", extend=extend, shrink=0.85)
    handles: list[Artist] = [_draw_wells(axes, picture)]
    if picture.forbidden is not None:
        shade = np.zeros((*picture.forbidden.shape, 4))
        shade[picture.forbidden] = to_rgba(KEEP_OUT_COLOUR, KEEP_OUT_ALPHA)
        axes.imshow(shade, origin="lower", extent=extent, interpolation="nearest")
        label = "no well may stand here"
        if picture.keep_out_m:
            label += f" (as nearer than {picture.keep_out_m:g} m to a fault)"
        handles.append(Patch(facecolor=KEEP_OUT_COLOUR, alpha=KEEP_OUT_ALPHA, label=label))
    handles += _draw_outlines(axes, picture)
    handles += _draw_existing(axes, picture)
    axes.set(xlim=extent[:2], ylim=extent[2:], xlabel="x of the map, m", ylabel="y of the map, m")
    axes.set_title(title, loc="left", fontsize=11)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=130)


def _draw_wells(axes: Axes, picture: Picture) -> Patch:
    """Draw the circles of each well, the first solid, later ones dotted, and its number."""
    rim: list[AbstractPathEffect] = [withStroke(linewidth=2.2, foreground="black")]
    first, later = first_and_later(picture.radii_m)
    circles = _circles(axes, picture.positions_m, first, color="white", linewidth=1.1)
    circles.set_path_effects(rim)
    for radii in later:
        drawn = radii > 0
        where = picture.positions_m[drawn]
        _circles(axes, where, radii[drawn], color="white", linewidth=0.7, linestyle=":")
    x, y = picture.positions_m.T
    axes.plot(x, y, "o", markersize=4, color="white", markeredgecolor="black", zorder=4)
    for number, place in enumerate(picture.positions_m[:MOST_NUMBERS], start=1):
        axes.annotate(
            str(number),
            (place[0], place[1]),
            (4, 4),
            textcoords="offset points",
            fontsize=8,
            color="white",
            path_effects=rim,
        )
    return Patch(
        facecolor="none", edgecolor="black", label="wells: first circle, later ones dotted"
    )


def first_and_later(radii_m: Float) -> tuple[Float, list[Float]]:
    """Return the first circle of each well, and up to four later ones of which the last is one.

    Parameters
    ----------
    radii_m
        In every period, shape (wells, periods), metres; 0 where a well has not begun.
    """
    begun = np.argmax(radii_m > 0, axis=1)
    each = np.arange(len(radii_m))
    # Circles that hardly grow would only blur each other.
    step = max(1, -(-(radii_m.shape[1] - 1) // MOST_CIRCLES))
    later = [
        np.where(begun < period, radii_m[:, period], 0.0)
        for period in range(radii_m.shape[1] - 1, 0, -step)
    ]
    return np.asarray(radii_m[each, begun]), later


def _circles(axes: Axes, centres: Float, radii: Float, **look: Any) -> EllipseCollection:  # noqa: ANN401
    """Draw circles around some places, all with one look: thousands cost no more than a few."""
    circles = EllipseCollection(
        2 * radii,
        2 * radii,
        np.zeros(len(radii)),
        units="xy",
        offsets=centres,
        offset_transform=axes.transData,
        facecolors="none",
        edgecolors=look.pop("color"),
        **look,
    )
    axes.add_collection(circles)
    return circles


def _draw_outlines(axes: Axes, picture: Picture) -> list[Line2D]:
    """Draw the edges of leases and no-drill areas."""
    handles = []
    for rings, colour, label in (
        (picture.lease, LEASE_COLOUR, "lease"),
        (picture.no_drill, NO_DRILL_COLOUR, "no-drill area"),
    ):
        for ring in rings:
            x, y = np.concatenate([ring, ring[:1]]).T
            axes.plot(x, y, color=colour, linewidth=1.6)
        if rings:
            handles.append(Line2D([], [], color=colour, linewidth=1.6, label=label))
    return handles


def _draw_existing(axes: Axes, picture: Picture) -> list[Line2D]:
    """Draw the wells that are there already, and their first circles."""
    if picture.existing_m is None or picture.existing_radii_m is None:
        return []
    _circles(axes, picture.existing_m, picture.existing_radii_m, color="black", linewidth=1.0)
    look: dict[str, Any] = {"marker": "^", "color": "black", "linestyle": "none"}
    axes.plot(*picture.existing_m.T, markersize=5, markeredgecolor="white", zorder=4, **look)
    return [Line2D([], [], label="existing wells, first circle", **look)]
