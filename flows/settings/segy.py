"""The settings of whatever reads SEG-Y, and of ``scan``, ``ingest`` and ``export``."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from flows.settings.reading import Cluster, Settings
from flows.settings.values import (
    HeaderByte,
    Interval,
    LocalPath,
    Location,
    Locations,
    Positional,
)


class ReadSegy(Settings):
    """How a SEG-Y file is read; every option overrides what the file says or what is looked for."""

    inline_byte: HeaderByte | None = Field(
        None, description="Header byte of the inline number (default: 189, 9, then 5)"
    )
    crossline_byte: HeaderByte | None = Field(
        None, description="Header byte of the crossline number (default: 193, then 21)"
    )
    cdp_x_byte: HeaderByte | None = Field(
        None, description="Header byte of CDP X (default: 181, then 73)"
    )
    cdp_y_byte: HeaderByte | None = Field(
        None, description="Header byte of CDP Y (default: 185, then 77)"
    )
    coordinate_scalar: Annotated[int, Field(ge=-32768, le=32767)] | None = Field(
        None,
        description="Coordinate scalar, where the file has it wrong, as bytes 71-72: -100 divides by 100",
    )
    as_line: bool = Field(
        False, description="Take the traces for one line in the order of the file"
    )
    domain: Literal["time", "depth"] = Field(
        "time", description="time: interval in microseconds; depth: in thousandths of a metre"
    )
    sample_interval: Interval | None = Field(
        None, description="Sample interval in ms or m, where the file has it wrong"
    )
    depth_unit: Literal["m", "ft"] | None = Field(
        None,
        description="Unit of depth, with --domain depth, where it is not what bytes 3255-3256 say",
    )
    xy_unit: Literal["m", "ft"] | None = Field(
        None, description="Unit of the coordinates, where it is not what bytes 3255-3256 say"
    )
    samples: PositiveInt | None = Field(
        None, description="Samples of a trace, where the file has them wrong"
    )
    format: int | None = Field(
        None, description="Sample format code, where the file has it wrong: 1 IBM, 5 IEEE, 3 int16"
    )
    byte_order: Literal["big", "little"] | None = Field(
        None, description="Byte order, where it is not found"
    )
    duplicates: Literal["first", "last", "error"] = Field(
        "first",
        description="Which of several traces of one bin lies on the grid; error refuses them",
    )
    salvage: bool = Field(False, description="Read the whole traces of a truncated file")


class ReadVolume(Settings):
    """How a volume of OpendTect's own is read."""

    component: str | None = Field(
        None,
        description="Component of an OpendTect volume that has several, by name or number from 1 "
        "(default: the first)",
    )


class ReadSurvey(ReadSegy, ReadVolume):
    """How a survey is read, whatever its form."""


class Projection(Settings):
    """Where the coordinates lie on the earth."""

    crs: str | None = Field(
        None,
        pattern=r"^[A-Z]{2,8}:\d{1,8}$",
        description="Coordinate system, such as EPSG:32631; stores say it, and OpendTect picks it from the "
        "text header of SEG-Y (default: the one that the input names)",
    )


class Delivery(Settings):
    """How samples of SEG-Y files for OpendTect are written."""

    sample_format: Literal["float", "int8"] = Field(
        "float",
        description="Samples of SEG-Y files for OpendTect: float, or int8, a quarter of the size: fault "
        "probability as 0 to 100",
    )


class Existing(Settings):
    """What to do with what lies at the output."""

    resume: bool = Field(False, description="Go on with an incomplete output")
    overwrite: bool = Field(False, description="Start anew, whatever output lies there")


class Scan(ReadSegy):
    """Look a SEG-Y survey over: what it is, what is wrong with it, which option mends that.

    Ends with the command that ingests it. Reads all trace headers and some hundred traces, writes nothing.
    """

    surveys: Annotated[Locations, Positional()] = Field(description="SEG-Y files of one survey")
    json_: bool = Field(False, description="Print one JSON object instead of lines")


class Ingest(ReadSurvey, Projection, Cluster, Existing):
    """Convert SEG-Y to Zarr: samples, geometry, and every other byte of the files; or an OpendTect volume.

    Runs in threads of this process unless workers or a scheduler are named.
    """

    surveys: Annotated[Locations, Positional()] = Field(
        description="SEG-Y files of one survey; a CBVS file; or OpendTect survey folder/name of volume"
    )
    volume: Annotated[Location, Positional()] = Field(
        description="Zarr store to write, also s3://bucket/name.zarr"
    )
    codec: Literal["fast", "small", "lossy"] = Field(
        "fast",
        description="fast: lz4; small: zstd, slower; lossy: 12 bits of the fraction kept (about 86 dB)",
    )


class Export(Projection, Delivery, Cluster, Existing):
    """Write SEG-Y from a Zarr store: the files that were ingested, byte for byte, or one for OpendTect.

    A name that ends in .cbvs makes a volume of OpendTect's own.

    A store of many files is exported to a folder.
    """

    volume: Annotated[Location, Positional()] = Field(description="Zarr store")
    out: Annotated[LocalPath, Positional()] = Field(
        description="SEG-Y file, or folder, or CBVS file to write"
    )
    profile: Literal["same", "opendtect"] | None = Field(
        None,
        description="same: the bytes that were ingested; opendtect: revision 1, inline by inline "
        "(default: same for amplitude)",
    )
    variable: str | None = Field(
        None, description="What to export (default: amplitude, or fault_probability)"
    )
    verify: bool = Field(
        False, description="Prove the ingested bytes by the digest that was taken of them"
    )
