"""How a section looks: seismic in colours, faults over it, axes in line numbers and time or depth.

Threshold, opacity and colours are changed by the browser itself; the server sends levels once.
"""

from dataclasses import dataclass

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CrosshairTool,
    CustomJS,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
    Range1d,
    Slider,
    Toggle,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from models.section_levels import CERTAIN, LOUDEST, Levels

NOTHING = "rgba(0, 0, 0, 0)"

PALETTES = {
    "Red, white, blue": (
        "#14386b",
        "#4f86c6",
        "#c9dcf0",
        "#fbfbf9",
        "#f3cfc4",
        "#cf6a57",
        "#7c1620",
    ),
    "Grey": ("#111111", "#8a8a8a", "#fafafa"),
    "Brown, white, black": ("#2b1a0d", "#b07d3f", "#fbf6ec", "#7a7f85", "#0f1114"),
}
"""Seismic colours from the loudest negative to the loudest positive amplitude."""

FAULTS = ("#fff04a", "#9be500", "#00b84a", "#006b3a")
"""From the threshold to certainty: in none of the seismic palettes."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a section lies on its axes: outer edges of its first and last samples."""

    left: float
    right: float
    top: float
    bottom: float


class Drawing:
    """A figure with seismic and faults, or a picture and faults."""

    def __init__(self) -> None:
        self.seismic, self.picture, self.faults = (
            ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []}) for _ in range(3)
        )
        self.colours = LinearColorMapper(
            palette=list(ramp(PALETTES["Red, white, blue"])),
            low=0,
            high=LOUDEST,
            high_color=NOTHING,
        )
        self.fault_colours = LinearColorMapper(
            palette=list(ramp(FAULTS)), high=CERTAIN, low_color=NOTHING, high_color=NOTHING
        )
        self.x_range, self.y_range = Range1d(0, 1), Range1d(1, 0)
        self.figure = figure(
            x_range=self.x_range,
            y_range=self.y_range,
            sizing_mode="stretch_both",
            min_height=360,
            tools="pan,wheel_zoom,box_zoom,reset,save",
            active_scroll="wheel_zoom",
            toolbar_location="above",
            background_fill_color="#eef0f2",
            border_fill_color="#ffffff",
            outline_line_color=None,
            name="section",
        )
        self.figure.toolbar.logo = None
        self.figure.grid.visible = False
        self.figure.axis.axis_label_text_font_style = "normal"
        where = {"x": "x", "y": "y", "dw": "dw", "dh": "dh", "image": "image"}
        self.figure.image(source=self.seismic, color_mapper=self.colours, **where)
        self.figure.image_rgba(source=self.picture, **where)
        over = self.figure.image(source=self.faults, color_mapper=self.fault_colours, **where)
        self.over = over
        self.figure.add_tools(_hover(over), CrosshairTool(line_alpha=0.25))

    def follow(self, threshold: Slider, opacity: Slider, faults: Toggle) -> None:
        """Let the browser redraw at once when a slider moves, or faults are hidden."""
        self.fault_colours.low = threshold.value * CERTAIN
        self.over.glyph.global_alpha = opacity.value
        threshold.js_on_change(
            "value",
            CustomJS(
                args={"mapper": self.fault_colours},
                code=f"mapper.low = cb_obj.value * {CERTAIN}",
            ),
        )
        opacity.js_link("value", self.over.glyph, "global_alpha")
        faults.js_link("active", self.over, "visible")

    def colour(self, name: str) -> None:
        """Draw the seismic in other colours."""
        self.colours.palette = list(ramp(PALETTES[name]))

    def show_seismic(self, levels: Levels, extent: Extent, across: str, down: str) -> None:
        """Draw a section without faults, whole."""
        self._lay_out(extent, across, down)
        self.picture.data = _nothing()
        self.faults.data = _nothing()
        self.seismic.data = _placed(levels, extent)

    def show_picture(self, rgba: NDArray[np.uint32], extent: Extent) -> None:
        """Draw a picture without faults, whole; shape (down, across), a pixel a word of RGBA bytes."""
        self._lay_out(extent, "pixel", "pixel")
        self.seismic.data = _nothing()
        self.faults.data = _nothing()
        self.picture.data = _placed(rgba, extent)

    def show_faults(self, levels: Levels, extent: Extent) -> None:
        """Draw faults over what is there."""
        self.faults.data = _placed(levels, extent)

    def clear(self) -> None:
        """Draw nothing."""
        for source in (self.seismic, self.picture, self.faults):
            source.data = _nothing()

    def _lay_out(self, extent: Extent, across: str, down: str) -> None:
        """Set axes; the view is kept where the section's edges are those of the one before."""
        ends = (extent.left, extent.right, extent.bottom, extent.top)
        if ends != (*self._home(self.x_range), *self._home(self.y_range)):
            for part, start, end in (
                (self.x_range, extent.left, extent.right),
                (self.y_range, extent.bottom, extent.top),
            ):
                part.update(start=start, end=end, reset_start=start, reset_end=end)
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = across, down

    @staticmethod
    def _home(part: Range1d) -> tuple[float, float]:
        return part.reset_start, part.reset_end


def ramp(colours: tuple[str, ...], count: int = 256) -> tuple[str, ...]:
    """Return so many colours that go evenly from the first to the last."""
    corners = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in colours], float)
    place = np.linspace(0, len(colours) - 1, count)
    parts = [np.interp(place, np.arange(len(colours)), channel) for channel in corners.T]
    return tuple(
        "#" + "".join(f"{round(value):02x}" for value in pixel)
        for pixel in zip(*parts, strict=True)
    )


def _placed(image: NDArray[np.generic], extent: Extent) -> dict[str, list[object]]:
    return {
        "image": [np.ascontiguousarray(image)],
        "x": [extent.left],
        "y": [extent.top],
        "dw": [extent.right - extent.left],
        "dh": [extent.bottom - extent.top],
    }


def _nothing() -> dict[str, list[object]]:
    return {name: [] for name in ("image", "x", "y", "dw", "dh")}


def _hover(over: object) -> HoverTool:
    """Return what shows position and probability under the pointer."""
    probability = CustomJSHover(
        code=f"return value > {CERTAIN} ? 'no trace' : (value / {CERTAIN}).toFixed(2)"
    )
    number = CustomJSHover(code="return String(Math.round(value * 10) / 10)")
    return HoverTool(
        renderers=[over],
        tooltips=[("across", "$x{custom}"), ("down", "$y{custom}"), ("fault", "@image{custom}")],
        formatters={"$x": number, "$y": number, "@image": probability},
        point_policy="follow_mouse",
    )
