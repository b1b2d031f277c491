"""The trained network as inference sees it: facts from its card, loaded on demand."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from models.runtime.protocol import Runtime
from models.runtime.quiet import quiet_start
from tasks.infer import NetworkFacts

COMMITTED = "lean16.keras"
"""The weights that come with graben."""


@dataclass(frozen=True, slots=True)
class KerasNetwork:
    """A ``.keras`` file, run as a TensorFlow graph.

    Parameters
    ----------
    weights
        The file; every worker can read it there.
    facts
        From its card.
    threads
        Of TensorFlow in one worker process.
    """

    weights: Path
    facts: NetworkFacts
    threads: int = 1

    def load(self) -> Runtime:
        """Load the network; takes seconds, as TensorFlow does."""
        with quiet_start():
            from models.runtime.keras_graph import load_runtime

        return load_runtime(self.weights, threads=self.threads)


def keras_network(weights: Path | None) -> KerasNetwork:
    """Return the network in a weights file, or the committed one; TensorFlow is not loaded.

    Raises
    ------
    WeightsError
        If there is no such file, or its card is missing or of another file.
    """
    from models.networks.card import read_card

    path = weights or Path(str(files("models") / "weights" / COMMITTED))
    card = read_card(path)
    facts = NetworkFacts(
        card.sha256, card.stride, card.halo, card.bytes_per_sample, card.threshold
    )
    return KerasNetwork(path.absolute(), facts)
