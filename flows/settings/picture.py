"""The settings of ``picture``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt

from flows.settings.reading import Settings
from flows.settings.values import Box, Pair, Positional


def _whole(given: object) -> object:
    """Return the number that a command line gives as text."""
    return int(given) if isinstance(given, str) and given.isdecimal() else given


class FindInPicture(Settings):
    """Find faults in a picture of a section, and draw them over it.

    Reads PNG, TIFF, JPEG, BMP, GIF and WebP: grey, colours of any palette, scans in black and white,
    screenshots with axes and margins, which are cut off and said. Where nothing is said, the size at which
    the networks see the section is measured from the thickness of its layers.
    """

    picture: Annotated[Path, Positional()] = Field(description="Picture of a section")
    out: Annotated[Path, Positional()] = Field(
        description="The picture with faults: .png, .tif or .jpg"
    )
    mask: Path | None = Field(
        None,
        description="Write the probability alone too, as grey: .png or .tif, 0 black, 1 white",
    )
    mask_bits: Annotated[Literal[8, 16], BeforeValidator(_whole)] = Field(
        16, description="Bits of the mask, 8 or 16"
    )
    score: Path | None = Field(
        None,
        description="A picture with the true faults drawn light on black, or on a transparent sheet; "
        "prints average precision, and precision, recall and F1 within 2 pixels",
    )
    crop: Box | None = Field(
        None,
        description="Where the section lies: left,top,right,bottom in pixels (default: found)",
        json_schema_extra={"metavar": "X0,Y0,X1,Y1"},
    )
    aspect: PositiveFloat | None = Field(
        None,
        description="Pixels from trace to trace over pixels from sample to sample (default: measured)",
    )
    zoom: Pair | None = Field(
        None,
        description="Factors by which the picture is made larger across and down before the networks see "
        "it, such as 0.5,0.5 (default: measured)",
        json_schema_extra={"metavar": "ACROSS,DOWN"},
    )
    polarity: Literal["normal", "reversed", "auto"] = Field(
        "normal",
        description="normal: light or red is positive; reversed; auto: both are seen, in twice the time. It "
        "hardly matters to the networks",
    )
    weights: Path | None = Field(
        None, description="A .keras file or an ensemble, .json (default: the ones with graben)"
    )
    accuracy: Literal["fast", "averaged", "accurate"] = Field(
        "fast", description="Of graben's own weights: fast, averaged or accurate"
    )
    runtime: Literal["tensorflow", "openvino", "openvino-int8", "onnx"] = Field(
        "tensorflow", description="What runs the network, as in map-faults"
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability that counts as fault (default: of the weights)"
    )
    opacity: float = Field(0.7, gt=0, le=1, description="Of what is drawn: 1 hides what is below")
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")
    overwrite: bool = Field(False, description="Replace files that are there")
