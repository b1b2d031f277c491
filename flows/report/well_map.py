"""The picture of a well plan: the map, the circles of the wells, the ground kept out."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.objective import Drainage, ValueMap
from storage.locations import whole_file

Float = NDArray[np.float64]

MOST_CELLS = 800
"""Cells along one side of the picture of the kept-out ground; finer ones cannot be seen."""

KEEP_OUT_COLOUR = "#d62728"


def write_well_map(
    path: Path,
    value_map: ValueMap,
    positions_m: Float,
    drainage: Drainage,
    keep_out: tuple[Float, float] | None,
    *,
    title: str,
) -> None:
    """Write the picture as PNG, whole or not at all.

    Parameters
    ----------
    path
        The file.
    value_map, positions_m, drainage
        The map; the wells, shape (wells, 2), metres; their circles.
    keep_out
        Points on the map to keep away from, shape (n, 2), and how far, metres.
    title
        One line above the map.
    """
    aspect = value_map.height_m / value_map.width_m
    width, height = (9.0, 9.0 * aspect) if aspect <= 1 else (9.0 / aspect, 9.0)
    figure = Figure(figsize=(max(width, 4.5) + 2.0, max(height, 3.0) + 1.4), layout="constrained")
    axes = figure.add_subplot()
    extent = (0.0, value_map.width_m, 0.0, value_map.height_m)
    top = np.percentile(value_map.values, 99.5) or value_map.values.max() or 1.0
    picture = axes.imshow(
        value_map.values, origin="lower", extent=extent, cmap="viridis", vmin=0.0, vmax=top
    )
    figure.colorbar(picture, ax=axes, label="map value", extend="max", shrink=0.85)
    handles = [_draw_wells(axes, positions_m, drainage)]
    if keep_out is not None:
        handles.append(_draw_keep_out(axes, value_map, *keep_out))
    axes.set(xlim=extent[:2], ylim=extent[2:], xlabel="x of the map, m", ylabel="y of the map, m")
    axes.set_title(title, loc="left", fontsize=11)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=130)


def _draw_wells(axes: Axes, positions_m: Float, drainage: Drainage) -> Patch:
    """Draw the first circle of each well, the last one fine, and its number."""
    rim = [withStroke(linewidth=2.2, foreground="black")]
    for radii, style in ((drainage.radii_m, "-"), (drainage.last_radii_m, ":")):
        for centre, radius in zip(positions_m, radii, strict=True):
            circle = Circle((centre[0], centre[1]), radius, fill=False, edgecolor="white")
            circle.set(linestyle=style, linewidth=1.1 if style == "-" else 0.7)
            if style == "-":
                circle.set_path_effects(rim)
            axes.add_patch(circle)
    axes.plot(
        *positions_m.T, linestyle="none", marker="o", markersize=4, color="white", mec="black", mew=0.8
    )
    # Hundreds of numbers would hide the map.
    if len(positions_m) <= 100:
        for number, (x, y) in enumerate(positions_m, start=1):
            axes.annotate(
                str(number), (x, y), (4, 4), textcoords="offset points", fontsize=8, color="white",
                path_effects=rim, annotation_clip=True,
            )  # fmt: skip
    return Patch(
        facecolor="none", edgecolor="black", label="wells: first circle, last one dotted"
    )


def _draw_keep_out(axes: Axes, value_map: ValueMap, points_m: Float, distance_m: float) -> Patch:
    """Shade the ground nearer to a fault than allowed."""
    ground = Ground(value_map.width_m, value_map.height_m, points_m, distance_m)
    scale = MOST_CELLS / max(value_map.width_m, value_map.height_m)
    columns = max(2, round(value_map.width_m * scale))
    rows = max(2, round(value_map.height_m * scale))
    x = (np.arange(columns) + 0.5) * value_map.width_m / columns
    y = (np.arange(rows) + 0.5) * value_map.height_m / rows
    centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    forbidden = (ground.clearance_m(centres) < 0).reshape(rows, columns)
    shade = np.zeros((rows, columns, 4))
    shade[forbidden] = (0.84, 0.15, 0.16, 0.5)
    extent = (0.0, value_map.width_m, 0.0, value_map.height_m)
    axes.imshow(shade, origin="lower", extent=extent, interpolation="nearest")
    return Patch(
        facecolor=KEEP_OUT_COLOUR, alpha=0.5, label=f"nearer than {distance_m:g} m to a fault"
    )
