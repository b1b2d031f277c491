"""One trained network: facts from its card, loaded on demand by one of the runtimes.

Several together, or one in several passes, are in `tasks.ensemble`.
"""

from dataclasses import dataclass, field
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from models.errors import ParameterError, WeightsError
from models.networks.card import Card, read_card
from models.runtime.carded import CardedRuntime
from models.runtime.quiet import quiet_start

COMMITTED = "lean16.keras"
"""The weights that come with graben."""

RuntimeName = Literal["tensorflow", "openvino", "openvino-int8", "onnx"]
ExportName = Literal["openvino", "openvino-int8", "onnx"]

SUFFIXES: dict[str, str] = {
    "tensorflow": ".keras",
    "openvino": ".xml",
    "openvino-int8": ".xml",
    "onnx": ".onnx",
}
"""What the files of a runtime end in."""

TO_RUN = {"openvino": "openvino", "openvino-int8": "openvino", "onnx": "onnxruntime"}
"""The library of each runtime that comes only when asked for."""

EXTRAS = {"openvino": "openvino", "openvino-int8": "openvino", "onnx": "onnx"}


@dataclass(frozen=True, slots=True)
class KerasNetwork:
    """A ``.keras`` file, run as a TensorFlow graph.

    Parameters
    ----------
    weights
        The file; every worker can read it there.
    card
        The one beside it.
    threads
        Of TensorFlow in one worker process.
    """

    weights: Path
    card: Card = field(compare=False)
    threads: int = 1

    def load(self) -> CardedRuntime:
        """Load the network; takes seconds, as TensorFlow does."""
        with quiet_start():
            from models.runtime.keras_graph import load_runtime

        return load_runtime(self.weights, threads=self.threads)


@dataclass(frozen=True, slots=True)
class ExportedNetwork:
    """A file that ``graben convert-weights`` wrote; TensorFlow is not loaded for it.

    Parameters
    ----------
    weights
        The file; every worker can read it there.
    card
        The one beside it.
    runtime
        What runs it.
    threads
        Of the runtime for one job.
    """

    weights: Path
    card: Card = field(compare=False)
    runtime: ExportName
    threads: int = 1

    def load(self) -> CardedRuntime:
        """Load the network.

        Raises
        ------
        ParameterError
            If this machine lacks the library.
        """
        require(self.runtime)
        if self.runtime == "onnx":
            from models.runtime.onnx_graph import OnnxGraph

            return OnnxGraph(self.weights, threads=self.threads)
        from models.runtime.openvino_ir import OpenvinoGraph

        return OpenvinoGraph(self.weights, threads=self.threads)


def keras_network(weights: Path | None) -> KerasNetwork:
    """Return the network in a ``.keras`` file, or the committed one; TensorFlow is not loaded.

    Raises
    ------
    WeightsError
        If there is no such file, or its card is missing or of another file.
    """
    path = weights or Path(str(files("models") / "weights" / COMMITTED))
    return KerasNetwork(path.absolute(), read_card(path))


def stored_network(
    weights: Path | None, runtime: RuntimeName = "tensorflow"
) -> KerasNetwork | ExportedNetwork:
    """Return the network in a weights file for a runtime; no library is loaded.

    Parameters
    ----------
    weights
        A ``.keras`` file, beside which an export for the runtime is looked for, or an export; None: the
        weights that come with graben.
    runtime
        What is to run it.

    Raises
    ------
    WeightsError
        If a file or its card is missing, of something else, or of older weights.
    ParameterError
        If the library is not installed.
    """
    if weights is not None and weights.suffix not in SUFFIXES.values():
        raise WeightsError(
            str(weights), "this is no weights file", "It ends in .keras, .xml or .onnx."
        )
    if runtime == "tensorflow":
        if weights is not None and weights.suffix != ".keras":
            said = read_card(weights).export.get("runtime", "")
            raise WeightsError(
                str(weights), "TensorFlow does not run it", f"Say --runtime {said or 'onnx'}."
            )
        return keras_network(weights)
    require(runtime)
    if weights is None or weights.suffix == ".keras":
        source = keras_network(weights)
        path = exported_path(source.weights, runtime)
        mend = f"Make it: graben convert-weights {source.weights} --to {runtime}"
        if not path.is_file():
            raise WeightsError(str(path), "there is no such file", mend)
        card = read_card(path)
        if card.export.get("source_sha256") != source.card.sha256:
            raise WeightsError(str(path), "it was made from other weights", f"{mend} --overwrite")
    else:
        path, card = weights, read_card(weights)
        if not path.is_file():
            raise WeightsError(str(path), "there is no such weights file", "Check --weights.")
    if (said := card.export.get("runtime")) != runtime:
        raise WeightsError(str(path), f"it is for --runtime {said}", "Name that one.")
    return ExportedNetwork(path.absolute(), card, runtime)


def exported_path(weights: Path, runtime: ExportName) -> Path:
    """Return where the export of a ``.keras`` file lies unless told otherwise: beside it."""
    return weights.with_name(f"{weights.stem}-{runtime}{SUFFIXES[runtime]}")


def require(runtime: ExportName, *libraries: str) -> None:
    """Check that a runtime's library is installed, and others that go with it.

    Raises
    ------
    ParameterError
        Naming what to install.
    """
    missing = [name for name in (TO_RUN[runtime], *libraries) if find_spec(name) is None]
    if missing:
        extras = [EXTRAS[runtime], *(["int8"] if "nncf" in missing else [])]
        raise ParameterError(
            name="runtime",
            value=runtime,
            mend=f"Not installed: {', '.join(missing)}. "
            f"In graben's folder: pip install -e '.[{','.join(extras)}]'",
        )
