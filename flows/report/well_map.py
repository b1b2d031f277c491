"""The picture of a well plan: the map, the circles of the wells, the ground kept out."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray

from storage.locations import whole_file
from tasks.well_plan import Picture

Float = NDArray[np.float64]
MOST_NUMBERS = 100
"""Wells that are numbered; more numbers would hide the map."""

KEEP_OUT_COLOUR, KEEP_OUT_ALPHA = "#d62728", 0.5


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
    image = axes.imshow(
        picture.values, origin="lower", extent=extent, cmap="viridis", vmin=0.0, vmax=top
    )
    extend = "max" if picture.values.max() > top else "neither"
    figure.colorbar(image, ax=axes, label="map value", extend=extend, shrink=0.85)
    handles = [_draw_wells(axes, picture)]
    if picture.forbidden is not None:
        shade = np.zeros((*picture.forbidden.shape, 4))
        shade[picture.forbidden] = to_rgba(KEEP_OUT_COLOUR, KEEP_OUT_ALPHA)
        axes.imshow(shade, origin="lower", extent=extent, interpolation="nearest")
        label = f"nearer than {picture.keep_out_m:g} m to a fault"
        handles.append(Patch(facecolor=KEEP_OUT_COLOUR, alpha=KEEP_OUT_ALPHA, label=label))
    axes.set(xlim=extent[:2], ylim=extent[2:], xlabel="x of the map, m", ylabel="y of the map, m")
    axes.set_title(title, loc="left", fontsize=11)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=130)


def _draw_wells(axes: Axes, picture: Picture) -> Patch:
    """Draw the first circle of each well, the last one dotted, and its number."""
    rim: list[AbstractPathEffect] = [withStroke(linewidth=2.2, foreground="black")]
    for centre, first, last in zip(
        picture.positions_m, picture.first_radii_m, picture.last_radii_m, strict=True
    ):
        place = (centre[0], centre[1])
        inner = Circle(place, first, fill=False, edgecolor="white", linewidth=1.1)
        inner.set_path_effects(rim)
        axes.add_patch(inner)
        outer = Circle(place, last, fill=False, edgecolor="white", linewidth=0.8, linestyle=":")
        axes.add_patch(outer)
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
        facecolor="none", edgecolor="black", label="wells: circle of the first period, last dotted"
    )
