"""What the page of wells is worked with: its widgets, and how they lie."""

from collections.abc import Mapping, Sequence
from html import escape

from bokeh.models import (
    Button,
    CheckboxButtonGroup,
    Column,
    Div,
    FileInput,
    GlobalInlineStyleSheet,
    InlineStyleSheet,
    RadioButtonGroup,
    Row,
    Slider,
    Spinner,
    TextInput,
    UIElement,
)

from flows.view.controls import PAGE, WIDGETS, WIDTH, WORDS
from flows.view.wells_drawing import OVER, PICTURES

NUMBERS_LOOK = """
.numbers { columns: 2; column-gap: 1.2rem; font-size: .86rem; }
.numbers p { display: flex; justify-content: space-between; gap: .6rem; break-inside: avoid;
             border-top: 1px solid #e3e7eb; padding: .08rem 0; font-variant-numeric: tabular-nums; }
.numbers p span:first-child { color: #5a6775; }
"""
BESIDE = 400
"""Pixels that the numbers of a well take beside the plot."""

HINT = (
    '<p class="hint">Click a well for its numbers; drag it and see what that changes. '
    "Wheel: zoom; drag beside wells: move the map.</p>"
)

NUMBERS: Mapping[str, str] = {
    "x_m": "x, m", "y_m": "y, m", "cdp_x": "CDP X", "cdp_y": "CDP Y", "radius_m": "First radius, m",
    "last_radius_m": "Last radius, m", "start_period": "Begins in period", "gross": "Alone",
    "share": "Share", "marginal": "Lost without it", "nearest_well_m": "Nearest well, m",
    "nearest_fault_m": "Nearest fault, m", "nearest_edge_m": "Nearest edge, m",
}  # fmt: skip
"""Columns of wells.csv that the page shows, in its words."""


class WellsControls:
    """The widgets of a page of wells."""

    def __init__(self) -> None:
        style = InlineStyleSheet(css=WIDGETS)
        look = {"stylesheets": [style], "width": WIDTH}
        half = {"stylesheets": [style], "width": WIDTH // 2 - 4}
        self.map = TextInput(title="Map (path)", name="map", **look)
        self.upload = FileInput(title="Or a map of yours", name="upload", **look)
        self.wells = Spinner(title="Wells", low=1, step=1, value=20, name="wells", **half)
        self.radius = Spinner(
            title="Radius, m", low=0.001, step=50, value=1500, mode="float", name="radius", **half
        )
        self.periods = Spinner(title="Periods", low=1, step=1, value=10, name="periods", **half)
        self.growth = TextInput(
            title="Growth, m", value="0", name="growth", placeholder="m a period, or PORO map", **half
        )  # fmt: skip
        self.seconds = Spinner(
            title="Search for, s", low=0.5, step=5, value=10, mode="float", name="seconds", **half
        )
        self.search = Button(label="Place wells", button_type="primary", name="search", **half)
        self.stop = Button(label="Stop", disabled=True, name="stop", **half)
        self.picture = RadioButtonGroup(labels=list(PICTURES), active=0, name="picture", **look)
        self.over = CheckboxButtonGroup(labels=list(OVER), active=[0, 1], name="over", **look)
        self.period = Slider(
            title="Circles of period", start=0, end=1, value=0, step=1, name="period", **look
        )
        self.well = self._div("well", NUMBERS_LOOK, BESIDE)
        self.undo = Button(label="Back to the plan", disabled=True, name="undo", **half)
        self.folder = TextInput(title="Save plan in folder", name="folder", **look)
        self.save = Button(label="Save plan", disabled=True, name="save", **half)
        self.links = self._div("links")
        self.heading = Div(
            stylesheets=[InlineStyleSheet(css=WORDS)], sizing_mode="stretch_width",
            text="<h1>Wells</h1>",
        )  # fmt: skip
        self.status = self._line("status")
        self.words = self._line("words")

    def layout(self, drawn: UIElement, plot: UIElement) -> Column:
        """Return the whole page."""
        hint = Div(text=HINT, stylesheets=[InlineStyleSheet(css=WORDS)], width=WIDTH)
        side = Column(
            self.map, self.upload, Row(self.wells, self.radius), Row(self.periods, self.growth),
            self.seconds, Row(self.search, self.stop), self.picture, self.over, self.period,
            self.folder, Row(self.save, self.undo), self.links, hint,
            width=WIDTH + 24, sizing_mode="stretch_height",
            styles={"overflow-y": "auto", "overflow-x": "hidden"},
        )  # fmt: skip
        main = Column(
            drawn, Row(plot, self.well, sizing_mode="stretch_width"), sizing_mode="stretch_both"
        )
        return Column(
            self.heading,
            self.status,
            self.words,
            Row(side, main, sizing_mode="stretch_both"),
            sizing_mode="stretch_both",
            styles={"padding": "12px 16px", "box-sizing": "border-box", "gap": "8px"},
            stylesheets=[GlobalInlineStyleSheet(css=PAGE)],
        )

    def say(self, line: str, kind: str = "") -> None:
        """Show one line: ``busy``, ``done``, ``wrong``, or nothing special."""
        self.status.text = f'<p class="line {kind}">{escape(line)}</p>'

    def prove(self, line: str) -> None:
        """Show in words how good the plan is."""
        self.words.text = f"<p>{escape(line)}</p>" if line else ""

    def show_well(self, row: Mapping[str, object] | None) -> None:
        """Show the numbers of a well, a row of wells.csv."""
        if row is None:
            self.well.text = '<p class="hint">No well is chosen.</p>'
            return
        cells = "".join(
            f"<p><span>{escape(words)}</span><span>{escape(_short(row[name]))}</span></p>"
            for name, words in NUMBERS.items()
            if row.get(name) not in (None, "")
        )
        head = f"<b>Well {escape(str(row['well']))}</b>"
        self.well.text = f'{head}<div class="numbers">{cells}</div>'

    def offer(self, links: Sequence[tuple[str, str]]) -> None:
        """Show links to what can be downloaded: address and words."""
        self.links.text = " ".join(
            f'<a href="{escape(address)}" download>{escape(words)}</a>' for address, words in links
        )

    @staticmethod
    def _div(name: str, css: str = "", width: int = WIDTH) -> Div:
        return Div(name=name, stylesheets=[InlineStyleSheet(css=WORDS + css)], width=width)

    @staticmethod
    def _line(name: str) -> Div:
        return Div(
            name=name,
            stylesheets=[InlineStyleSheet(css=WORDS)],
            sizing_mode="stretch_width",
            html_attributes={"role": "status", "aria-live": "polite"},
        )


def _short(cell: object) -> str:
    """Return a number as people read it."""
    try:
        number = float(str(cell))
    except ValueError:
        return str(cell)
    return f"{number:.2f}" if abs(number) < 1e7 and number != int(number) else f"{number:.7g}"
