"""A colour table for faults over seismic data, for OpendTect's import of colour tables."""

from pathlib import Path

from storage.opendtect.text import listed, text_of, write_content

NAME = "Fault probability (graben)"
COLOURS = ((0.0, (255, 255, 0)), (0.5, (255, 140, 0)), (1.0, (200, 0, 0)))
"""Share of the range, and red, green, blue there."""

TRANSPARENCY = ((0.0, 255), (0.2, 255), (0.6, 60), (1.0, 0))
"""Share of the range, and 255 for clear to 0 for opaque: what is hardly a fault does not hide the seismic."""

CLEAR = 255


def write_colour_table(path: Path) -> None:
    """Write the table, whole or not at all; samples without a value are clear."""
    first, last = COLOURS[0][1], COLOURS[-1][1]
    pairs: list[tuple[str, object]] = [
        ("1.Name", NAME),
        ("1.Marker color", listed(*last, 0)),
        ("1.Undef color", listed(*first, CLEAR)),
        ("1.Nr segments", 0),
    ]
    pairs += [(f"1.Value-Color.{n}", listed(at, *rgb, 0)) for n, (at, rgb) in enumerate(COLOURS)]
    pairs += [
        (f"1.Transparency.{n}", listed(at, float(clear)))
        for n, (at, clear) in enumerate(TRANSPARENCY)
    ]
    write_content(path, text_of("Color table definitions", pairs))
