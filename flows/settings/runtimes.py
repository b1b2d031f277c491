"""The settings of ``convert-weights``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from flows.settings.reading import Settings
from flows.settings.values import Positional


class ConvertWeights(Settings):
    """Write weights for another runtime, and say what that changes.

    In float32 the logits must agree with TensorFlow's within 1e-4. For int8, scores before and after are
    printed, on synthetic examples and on labelled sections; everything is kept in a card beside the file.
    """

    weights: Annotated[Path | None, Positional()] = Field(
        None, description="A .keras file with its card (default: the ones that come with graben)"
    )
    to: Literal["onnx", "openvino", "openvino-int8"] = Field(
        "openvino", description="The --runtime of map-faults: onnx, openvino or openvino-int8"
    )
    out: Path | None = Field(
        None,
        description="File to write, .onnx or .xml (default: beside the weights, where map-faults looks)",
    )
    surveys: Path | None = Field(
        None, description="Folder of labelled sections (.npz of seis and fault) to score int8 on"
    )
    calibration_seed: NonNegativeInt = Field(501, description="Seed of the examples that set int8")
    quality_seed: NonNegativeInt = Field(601, description="Seed of the examples that are scored")
    count: PositiveInt = Field(16, description="Examples of each, 96x96x96 samples")
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")
    overwrite: bool = Field(False, description="Replace a file that is there")


class Calibrate(Settings):
    """Fix calibration and thresholds of an ensemble on synthetic examples, and score it.

    An ensemble is a .json file beside the weights: which networks see volumes, which see lines, in which
    passes. graben's own are fast.json, averaged.json and accurate.json. What is fixed is written into it.
    """

    ensemble: Annotated[Path, Positional()] = Field(description="The .json file")
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")
