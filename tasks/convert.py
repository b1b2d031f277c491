"""Weights of TensorFlow to files of other runtimes, with what that changes measured and kept in a card.

In float32 the logits must agree with TensorFlow's. In int8 they cannot: what that costs is told as scores
before and after, on synthetic examples and on labelled sections.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.errors import WeightsError
from models.networks.card import Card, card_path, card_text, read_card, sha256_of
from models.runtime.carded import CardedRuntime
from storage.errors import OutputError
from storage.locations import write_text, write_whole
from storage.sections import LabelledSection, read_surveys
from tasks.departure import largest_change, normalized_example, quality_of
from tasks.evaluate import refuse_shared_seeds
from tasks.fan_out import Progress
from tasks.network import (
    SUFFIXES,
    ExportedNetwork,
    ExportName,
    KerasNetwork,
    exported_path,
    keras_network,
    require,
    stored_network,
)
from tasks.network_memory import measure_memory
from tasks.synthesize import ExampleRecipe

ALLOWED = 1e-4
"""Largest difference of a logit in float32: sums are taken in another order."""

SIZE = (96, 96, 96)
"""Of calibration and quality examples."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is asked for.

    Attributes
    ----------
    runtime
        For which the file is.
    calibration, quality
        Examples whose activations give the ranges of int8, and those that are scored.
    threads
        Of every library, each in its turn.
    """

    runtime: ExportName
    calibration: ExampleRecipe
    quality: ExampleRecipe
    threads: int = 1

    @property
    def precision(self) -> str:
        """Of weights and activations."""
        return "int8" if self.runtime.endswith("int8") else "float32"


def convert(
    weights: Path | None,
    out: Path | None,
    conversion: Conversion,
    *,
    sections: Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[Path, Card]:
    """Write weights for another runtime, measure what that changes, and write the card.

    Parameters
    ----------
    weights
        A ``.keras`` file with its card; None: the weights that come with graben.
    out
        The file to write; None: beside the weights.
    conversion
        For which runtime, and how.
    sections
        A folder of labelled sections, scored too where the precision is int8.
    overwrite
        Replace a file that is there.
    progress
        Told after every step.

    Returns
    -------
    path, card
        What was written.

    Raises
    ------
    WeightsError
        If the weights cannot be used, or the logits do not agree.
    ParameterError
        If a library is not installed, or a seed served the training.
    InputError
        If the sections cannot be read.
    OutputError
        If the file is there, or could not have a card of its own.
    """
    source, rounded = keras_network(weights), conversion.precision == "int8"
    card = read_card(source.weights)
    if not source.weights.is_file():
        raise WeightsError(str(source.weights), "there is no such weights file", "Check its name.")
    require(conversion.runtime, "onnx", *(["nncf"] if rounded else []))
    recipes = [conversion.calibration], [conversion.quality]
    refuse_shared_seeds(card.data.get("examples", ()), *recipes)
    refuse_shared_seeds(card.used_examples, [conversion.quality])
    out = (out or exported_path(source.weights, conversion.runtime)).absolute()
    _check_output(out, source.weights, conversion, overwrite=overwrite)
    labelled = read_surveys(sections) if sections and rounded else {}
    steps = _Steps(progress, conversion, labelled)
    original = _loaded(source, conversion)
    versions = _write(source.weights, out, conversion, steps)
    export: dict[str, Any] = {
        "runtime": conversion.runtime,
        "precision": conversion.precision,
        "source": source.weights.name,
        "source_sha256": card.sha256,
        "versions": versions,
    }
    try:
        # The card first: without one the file could not be loaded to be measured.
        _write_card(card, out, export)
        network = stored_network(out, conversion.runtime)
        runtime = _loaded(network, conversion)
        export["largest_logit_change"] = largest_change(original, runtime, conversion.quality)
        if rounded:
            export["calibration"] = conversion.calibration.as_identity()
            export["examples"] = conversion.quality.as_identity()
            export["quality"] = quality_of(
                original, runtime, conversion.quality, labelled, card.threshold, steps.step
            )
        else:
            _check_logits(out, export["largest_logit_change"])
        memory = measure_memory(replace(network, threads=conversion.threads))
        return out, _write_card(replace(card, bytes_per_sample=memory), out, export)
    except BaseException:
        card_path(out).unlink(missing_ok=True)  # what was not measured is not to be used
        raise


def _check_output(out: Path, weights: Path, conversion: Conversion, *, overwrite: bool) -> None:
    """Check that the file may be written, and that its card is nobody else's."""
    suffix = SUFFIXES[conversion.runtime]
    if out.suffix != suffix:
        raise OutputError(out, f"files for {conversion.runtime} end in {suffix}", "Change --out.")
    if card_path(out) == card_path(weights):
        raise OutputError(
            card_path(out), "this is the card of the weights themselves", "Choose another name."
        )
    if out.exists() and not overwrite:
        raise OutputError(out, "something lies there", "Say --overwrite to replace it.")


def _check_logits(out: Path, change: float) -> None:
    """Check that a float32 export is the same network."""
    if change > ALLOWED:
        raise WeightsError(
            str(out),
            f"logits differ by {change:.2g} from TensorFlow's",
            "Please report this; the file is not to be used.",
        )


class _Steps:
    """Tells the progress, one example or section a step."""

    def __init__(
        self,
        progress: Progress | None,
        conversion: Conversion,
        sections: Mapping[str, Sequence[LabelledSection]],
    ) -> None:
        self._progress, self._done, self._total = progress, 0, 1
        if conversion.precision == "int8":
            self._total += conversion.calibration.count + conversion.quality.count
            self._total += sum(map(len, sections.values()))

    def step(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)


def _loaded(network: KerasNetwork | ExportedNetwork, conversion: Conversion) -> CardedRuntime:
    runtime = replace(network, threads=conversion.threads).load()
    assert isinstance(runtime, CardedRuntime)
    return runtime


def _write(weights: Path, out: Path, conversion: Conversion, steps: _Steps) -> dict[str, str]:
    """Write the file; return the versions of what wrote it."""
    from models.networks.onnx_export import onnx_bytes

    calibration = None
    if conversion.precision == "int8":
        calibration = []
        for index in range(conversion.calibration.count):
            calibration.append(normalized_example(conversion.calibration, index))
            steps.step()
    model = onnx_bytes(weights)
    card_path(out).unlink(missing_ok=True)
    versions = {}
    if conversion.runtime == "onnx":
        write_whole(out, [model])
    else:
        from models.runtime.openvino_export import write_openvino

        versions = write_openvino(model, out, calibration)
    steps.step()
    return versions


def _write_card(card: Card, out: Path, export: dict[str, Any]) -> Card:
    """Write the card of an export: that of its weights, but for hash, export and memory."""
    written = replace(card, sha256=sha256_of(out), export=export)
    write_text(card_path(out), card_text(written))
    return written
