"""A report as one self-contained HTML page: tables of facts, pictures, warnings."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 75rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem 1.2rem .2rem 0;
        border-bottom: 1px solid #d8dee6; vertical-align: top; } td { overflow-wrap: anywhere; }
figure { margin: 1rem 0; } img { max-width: 100%; } figcaption { color: #5a6775; }
.warning { background: #fff6df; border-left: 4px solid #e0a100; padding: .3rem .8rem; margin: .4rem 0; }
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its caption."""

    png: bytes
    caption: str


def html_page(
    title: str,
    *,
    tables: Mapping[str, Mapping[str, object]],
    pictures: Sequence[Picture],
    warnings: Sequence[str],
    grids: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> str:
    """Return the page; nothing in it is fetched from elsewhere.

    Parameters
    ----------
    title
        Heading of the page.
    tables
        Heading to rows of name and value.
    pictures
        Shown in this order.
    warnings
        One line each, shown first.
    grids
        Heading to rows of many cells, the first of them headings of columns; above the pictures.
    """
    parts = [f"<h1>{escape(title)}</h1>"]
    parts += [f'<p class="warning">{escape(warning)}</p>' for warning in warnings]
    parts += [_grid(heading, rows) for heading, rows in (grids or {}).items()]
    parts += [_figure(picture) for picture in pictures]
    parts += [_table(heading, rows) for heading, rows in tables.items()]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _figure(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode()
    caption = escape(picture.caption)
    return (
        f'<figure><img alt="{caption}" src="data:image/png;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _table(heading: str, rows: Mapping[str, object]) -> str:
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<h2>{escape(heading)}</h2><table>{cells}</table>"


def _grid(heading: str, rows: Sequence[Sequence[object]]) -> str:
    names, *values = rows
    head = "".join(f"<th>{escape(str(name))}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in values
    )
    return f"<h2>{escape(heading)}</h2><table><tr>{head}</tr>{body}</table>"
