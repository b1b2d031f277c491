"""What a page is worked with: its widgets, how they look, how they lie."""

from html import escape

from bokeh.models import (
    Button,
    Column,
    Div,
    FileInput,
    GlobalInlineStyleSheet,
    InlineStyleSheet,
    RadioButtonGroup,
    Row,
    Select,
    Slider,
    Spinner,
    TextInput,
    Toggle,
    UIElement,
)

from flows.view.drawing import PALETTES

PAGE = """
html, body { background: #ffffff; color: #1d2733; font: 15px/1.45 system-ui, sans-serif;
             height: 100%; margin: 0; }
"""

WIDGETS = """
:host { --accent: #0b6bcb; font: 14px/1.45 system-ui, sans-serif; color: #1d2733; }
label { color: #4a5866; }
.bk-btn:focus-visible, .bk-input:focus-visible, input:focus-visible, a:focus-visible
    { outline: 2px solid #0b6bcb; outline-offset: 1px; }
"""

WORDS = """
:host { font: 14px/1.45 system-ui, sans-serif; color: #1d2733; }
h1 { font-size: 1.15rem; margin: 0; } h1 small { font-weight: 400; color: #5a6775; font-size: .85rem; }
p { margin: 0; } .hint { color: #5a6775; font-size: .82rem; }
.line { padding: .35rem .7rem; border-left: 4px solid #b9c3ce; background: #f4f6f8; overflow-wrap: anywhere; }
.busy { border-color: #0b6bcb; } .done { border-color: #1a8f4a; }
.wrong { border-color: #c62828; background: #fdecea; }
.busy::after { content: ""; display: inline-block; width: .75em; height: .75em; margin-left: .6em;
    border: 2px solid #0b6bcb; border-right-color: transparent; border-radius: 50%;
    animation: turn .8s linear infinite; vertical-align: -.1em; }
@keyframes turn { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { .busy::after { animation-duration: 4s; } }
a { color: #0b6bcb; } a + a { margin-left: 1.2em; }
"""

WIDTH = 264
HINT = (
    '<p class="hint">Keys: <b>&larr; &rarr;</b> section before, next (<b>Shift</b>: ten) &middot; '
    "<b>i x t</b> inline, crossline, slice &middot; <b>f</b> faults on, off &middot; <b>[ ]</b> threshold</p>"
)


class Controls:
    """The widgets of a page."""

    def __init__(self, threshold: float) -> None:
        style, words = InlineStyleSheet(css=WIDGETS), InlineStyleSheet(css=WORDS)
        look = {"stylesheets": [style], "width": WIDTH}
        self.volume = Select(title="Volume", name="volume", **look)
        self.axis = RadioButtonGroup(
            labels=["Inline", "Crossline", "Slice"], active=0, name="axis", **look
        )
        self.number = Spinner(title="Number", name="number", mode="float", **look)
        self.threshold = Slider(
            title="Threshold of fault probability",
            start=0.02, end=0.98, step=0.01, value=threshold, name="threshold", **look,
        )  # fmt: skip
        self.opacity = Slider(
            title="Opacity of faults",
            start=0,
            end=1,
            step=0.05,
            value=0.85,
            name="opacity",
            **look,
        )
        self.faults = Toggle(label="Faults", active=True, name="faults", **look)
        self.colours = Select(
            title="Seismic colours", options=list(PALETTES), value=next(iter(PALETTES)),
            name="colours", **look,
        )  # fmt: skip
        self.store = Button(
            label="Store in project", button_type="primary", disabled=True, name="store", **look
        )
        self.picture = FileInput(
            title="Or drop a picture of a section",
            accept=".png,.jpg,.jpeg,.tif,.tiff", name="picture", **look,
        )  # fmt: skip
        self.links = Div(name="links", visible=False, stylesheets=[words], width=WIDTH)
        self.heading = Div(stylesheets=[words], sizing_mode="stretch_width")
        self.status = Div(
            name="status",
            stylesheets=[words],
            sizing_mode="stretch_width",
            html_attributes={"role": "status", "aria-live": "polite"},
        )
        self.hint = Div(text=HINT, stylesheets=[words], width=WIDTH)
        # Never seen: what the browser is to write behind the question mark of its address.
        self.address = TextInput(visible=False, name="address")

    def layout(self, figure: UIElement) -> Column:
        """Return the whole page."""
        side = Column(
            self.volume, self.axis, self.number, self.faults, self.threshold, self.opacity, self.colours,
            self.store, self.picture, self.links, self.hint, self.address,
            width=WIDTH + 20, sizing_mode="stretch_height",
            styles={"padding": "4px 0 0 0", "overflow-y": "auto", "overflow-x": "hidden"},
        )  # fmt: skip
        main = Column(figure, sizing_mode="stretch_both")
        return Column(
            self.heading,
            self.status,
            Row(side, main, sizing_mode="stretch_both"),
            sizing_mode="stretch_both",
            styles={"padding": "12px 16px", "box-sizing": "border-box", "gap": "8px"},
            stylesheets=[GlobalInlineStyleSheet(css=PAGE)],
        )

    def say(self, line: str, kind: str = "") -> None:
        """Show one line: ``busy``, ``done``, ``wrong``, or nothing special."""
        self.status.text = f'<p class="line {kind}">{escape(line)}</p>'

    def head(self, title: str) -> None:
        """Show what the page is about."""
        self.heading.text = f"<h1>Faults <small>{escape(title)}</small></h1>"

    def offer(self, links: dict[str, str]) -> None:
        """Show links to what can be downloaded: address to words."""
        self.links.text = " ".join(
            f'<a href="{escape(address)}" download>{escape(words)}</a>'
            for address, words in links.items()
        )
        self.links.visible = bool(links)


def notice(line: str) -> Column:
    """Return a page that says one line and nothing else."""
    words = Div(
        name="status",
        text=f'<p class="line wrong">{escape(line)}</p>',
        stylesheets=[InlineStyleSheet(css=WORDS)],
        sizing_mode="stretch_width",
        html_attributes={"role": "alert"},
    )
    return Column(
        words,
        sizing_mode="stretch_width",
        styles={"padding": "16px"},
        stylesheets=[GlobalInlineStyleSheet(css=PAGE)],
    )
