"""How a map of wells looks: value or shadow price, what is kept out, wells and circles, value and bound."""

from collections.abc import Sequence

import numpy as np
from bokeh.models import (
    BoxZoomTool,
    CheckboxButtonGroup,
    ColumnDataSource,
    CustomJS,
    DataRange1d,
    HoverTool,
    LinearColorMapper,
    NumeralTickFormatter,
    RadioButtonGroup,
)
from bokeh.palettes import Magma256, Viridis256
from bokeh.plotting import figure
from numpy.typing import NDArray

from flows.view.drawing import NOTHING
from flows.view.wells_hand import DRAG, GRAB, HOVER, RELEASE, TAP
from tasks.wells_layers import Layers

Float = NDArray[np.float64]
Image = NDArray[np.float32]

FORBIDDEN, LEASE, NO_DRILL, CHOSEN = "#d62728", "#ff7f0e", "#b40426", "#ff3df2"

PICTURES = ("Value", "Shadow price")
OVER = ("Kept out", "Circles")


class WellsDrawing:
    """The map with all that lies on it, and the plot of value against bound."""

    def __init__(self) -> None:
        image: dict[str, list[object]] = {"image": [], "x": [], "y": [], "dw": [], "dh": []}
        self.value, self.price, self.kept_out = (ColumnDataSource(dict(image)) for _ in range(3))
        self.outlines = ColumnDataSource({"xs": [], "ys": [], "colour": []})
        self.existing = ColumnDataSource({"x": [], "y": [], "radius": []})
        self.wells = ColumnDataSource(
            {"x": [], "y": [], "radius": [], "number": []}, name="wells_source"
        )
        # What the browser tells of a well that is dragged.
        self.moved = ColumnDataSource({"well": [], "x": [], "y": [], "final": []}, name="moved")
        self.course = ColumnDataSource({"seconds": [], "value": [], "bound": []}, name="course")
        self.colours = LinearColorMapper(Viridis256, low=0, high=1, nan_color=NOTHING)
        self.price_colours = LinearColorMapper(Magma256, low=0, high=1, nan_color=NOTHING)
        self.map = self._map()
        self.plot = self._plot()
        self._let_wells_be_dragged()

    def _map(self) -> figure:
        drawn = figure(
            # Ranges follow the image alone: a well that is dragged moves nothing else.
            x_range=DataRange1d(range_padding=0.03), y_range=DataRange1d(range_padding=0.03),
            match_aspect=True,
            sizing_mode="stretch_both", min_height=320,
            tools=["pan", "wheel_zoom", BoxZoomTool(match_aspect=True), "reset", "save"],
            active_drag="pan",
            active_scroll="wheel_zoom", toolbar_location="above", outline_line_color=None,
            x_axis_label="x of the map, m", y_axis_label="y of the map, m", name="map_figure",
            background_fill_color="#eef0f2",
        )  # fmt: skip
        drawn.toolbar.logo = None
        drawn.grid.visible = False
        drawn.axis.axis_label_text_font_style = "normal"
        drawn.axis.formatter = NumeralTickFormatter(format="0")
        where = {"image": "image", "x": "x", "y": "y", "dw": "dw", "dh": "dh"}
        self.value_image = drawn.image(source=self.value, color_mapper=self.colours, **where)
        for each in (drawn.x_range, drawn.y_range):
            each.renderers = [self.value_image]
        self.price_image = drawn.image(
            source=self.price, color_mapper=self.price_colours, visible=False, **where
        )
        red = LinearColorMapper([FORBIDDEN], low=0, high=2, nan_color=NOTHING)
        out = drawn.image(source=self.kept_out, color_mapper=red, global_alpha=0.45, **where)
        edges = drawn.multi_line(
            "xs", "ys", source=self.outlines, line_color="colour", line_width=2
        )
        there = drawn.circle(
            "x", "y", radius="radius", source=self.existing, fill_alpha=0, line_color="#000000"
        )
        drawn.scatter(
            "x", "y", marker="triangle", size=10, source=self.existing,
            color="#000000", line_color="#ffffff",
        )  # fmt: skip
        self.over_layers = ((out, edges), (self._circles(drawn), there))
        drawn.add_tools(
            HoverTool(
                renderers=[self.value_image, self.price_image],
                tooltips=[("x, y", "$x{0}, $y{0} m"), ("here", "@image{0.0000}")],
                point_policy="follow_mouse",
            )
        )
        return drawn

    def _circles(self, drawn: figure) -> object:
        """Draw the wells; return what shows their circles."""
        circles = drawn.circle(
            "x", "y", radius="radius", source=self.wells, fill_color="#ffffff", fill_alpha=0.06,
            line_color="#ffffff", line_width=1.6,
        )  # fmt: skip
        circles.nonselection_glyph = None
        circles.selection_glyph = circles.glyph.clone(line_color=CHOSEN, line_width=2.5)
        dots = drawn.scatter(
            "x", "y", size=10, source=self.wells, color="#ffffff", line_color="#000000"
        )
        dots.nonselection_glyph = None
        dots.selection_glyph = dots.glyph.clone(fill_color=CHOSEN, size=13)
        drawn.text(
            "x", "y", text="number", source=self.wells, x_offset=8, y_offset=-4,
            text_font_size="12px", text_color="#ffffff",
            background_fill_color="#000000", background_fill_alpha=0.45, padding=2, border_radius=3,
        ).nonselection_glyph = None  # fmt: skip
        return circles

    def _plot(self) -> figure:
        drawn = figure(
            height=190, sizing_mode="stretch_width", tools="", toolbar_location=None,
            x_axis_label="time of the search, s", y_axis_label="map value x m\u00b2", name="course_figure",
            outline_line_color=None,
        )  # fmt: skip
        drawn.axis.axis_label_text_font_style = "normal"
        for name, colour, words, shape in (
            ("value", "#1f77b4", "value of the plan", "circle"),
            ("bound", "#d62728", "bound: no plan has more", "square"),
        ):
            look = {"source": self.course, "color": colour, "legend_label": words}
            drawn.line("seconds", name, line_width=2, **look)
            drawn.scatter("seconds", name, size=6, marker=shape, **look)
        drawn.legend.update(location="right", border_line_color=None, background_fill_alpha=0.6)
        drawn.add_tools(
            HoverTool(tooltips=[("s", "@seconds{0.0}"), ("value", "@value"), ("bound", "@bound")])
        )
        return drawn

    def _let_wells_be_dragged(self) -> None:
        models = {"wells": self.wells, "moved": self.moved, "fig": self.map}
        hover = ("mousemove", HOVER)
        for event, code in (
            hover,
            ("panstart", GRAB),
            ("pan", DRAG),
            ("panend", RELEASE),
            ("tap", TAP),
        ):
            self.map.js_on_event(event, CustomJS(args=models, code=code))

    def follow(self, picture: RadioButtonGroup, over: CheckboxButtonGroup) -> None:
        """Let the browser show and hide layers at once."""
        code = "a.visible = cb_obj.active == 0; b.visible = cb_obj.active == 1"
        models = {"a": self.value_image, "b": self.price_image}
        picture.js_on_change("active", CustomJS(args=models, code=code))
        models = {"layers": [list(each) for each in self.over_layers]}
        code = (
            "layers.forEach((ls, n) => ls.forEach((l) => l.visible = cb_obj.active.includes(n)))"
        )
        over.js_on_change("active", CustomJS(args=models, code=code))

    def show_map(self, layers: Layers) -> None:
        """Draw a map without wells, whole."""
        # A few very rich cells must not make the rest dark.
        self.colours.high = float(np.nanpercentile(layers.values, 99.5) or 1.0)
        self.value.data = _image(layers.values, layers.image_m)
        self.price.data = _image(None, layers.image_m)
        self.kept_out.data = _image(layers.forbidden, layers.size_m)
        rings = [(ring, LEASE) for ring in layers.lease]
        rings += [(ring, NO_DRILL) for ring in layers.no_drill]
        closed = [np.concatenate([ring, ring[:1]]) for ring, _ in rings]
        self.outlines.data = {
            "xs": [ring[:, 0].tolist() for ring in closed],
            "ys": [ring[:, 1].tolist() for ring in closed],
            "colour": [colour for _, colour in rings],
        }
        x, y = layers.existing_m.T
        self.existing.data = {"x": x.copy(), "y": y.copy(), "radius": layers.existing_radii_m}
        self.show_wells(np.empty((0, 2)), np.empty(0))

    def show_prices(self, prices: Image | None, image_m: tuple[float, float]) -> None:
        """Lay shadow prices beside the value."""
        if prices is not None:
            self.price_colours.high = float(np.nanpercentile(prices, 99.5) or 1.0)
        self.price.data = _image(prices, image_m)

    def show_wells(self, positions_m: Float, radii_m: Float) -> None:
        """Draw wells with the circles of one period; the one that is chosen stays so."""
        x, y = positions_m.T
        numbers = [str(number + 1) for number in range(len(x))]
        self.wells.data = {"x": x.copy(), "y": y.copy(), "radius": radii_m, "number": numbers}

    def show_course(self, course: Sequence[tuple[float, float, float]]) -> None:
        """Plot value against bound; what is not known yet is left out."""
        seconds, value, bound = np.array(course, dtype=np.float64).reshape(-1, 3).T
        bound = np.where(np.isfinite(bound), bound, np.nan)
        self.course.data = {"seconds": seconds.copy(), "value": value.copy(), "bound": bound}


def _image(image: Image | None, size_m: tuple[float, float]) -> dict[str, list[object]]:
    if image is None:
        return {name: [] for name in ("image", "x", "y", "dw", "dh")}
    return {"image": [image], "x": [0.0], "y": [0.0], "dw": [size_m[0]], "dh": [size_m[1]]}
