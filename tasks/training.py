"""How to train: steps, seeds, network, early stopping, and weights to begin with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from models.augment import VERSION as AUGMENTATION
from models.errors import WeightsError
from models.runtime.quiet import quiet_start
from tasks.network import KerasNetwork
from tasks.synthesize import ExampleRecipe

with quiet_start():  # TensorFlow
    from models.networks.lean import LEAN16, NETWORKS, Lean

UNSAID = {"stream": 0, "stopping": None, "begin": None}
"""Settings that came later: a training that leaves them alone is the one it was before them."""


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """When to stop before the last step.

    Attributes
    ----------
    examples
        Validation examples, of a seed of their own.
    every
        Steps between scores on them.
    patience
        Scores without a better one after which it is enough; the best weights are kept.
    """

    examples: ExampleRecipe
    every: int
    patience: int = 3

    def as_identity(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "examples": self.examples.as_identity()}


@dataclass(frozen=True, slots=True)
class Training:
    """How to train.

    Attributes
    ----------
    steps
        Batches in all; also sets the length of the learning rate's cosine.
    seed
        Of first weights, order and changes of the examples.
    batch_size
        Crops a step.
    peak_rate
        Highest learning rate.
    network
        What it is made of.
    checkpoint_every
        Steps between checkpoints.
    name
        Of the weights file.
    stream
        Steps over which more and more examples come into use, so that they can be made meanwhile.
    stopping
        When to stop early; None: never.
    begin
        Weights to go on from, of the same network; None: random ones.
    """

    steps: int
    seed: int = 0
    batch_size: int = 4
    peak_rate: float = 2e-3
    network: Lean = LEAN16
    checkpoint_every: int = 200
    name: str = "lean16"
    stream: int = 0
    stopping: EarlyStopping | None = None
    begin: KerasNetwork | None = None

    def as_identity(self) -> dict[str, Any]:
        """Return plain values, without those of `UNSAID`."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        said["network"] = asdict(self.network)
        said["augmentation"] = AUGMENTATION
        if self.stopping:
            said["stopping"] = self.stopping.as_identity()
        if self.begin:
            card = self.begin.card
            said["begin"] = {"sha256": card.sha256, **card.data.get("training", {})}
        return {name: each for name, each in said.items() if (name, each) not in UNSAID.items()}

    def check_begin(self, out: Path) -> None:
        """Check that the weights to begin with can be begun with, as their card says.

        Raises
        ------
        WeightsError
            If they are not there, of another network or an export; if the training would write over them, or
            has a seed of theirs, with which it would draw the same batches again.
        """
        if self.begin is None:
            return
        weights, data = self.begin.weights, self.begin.card.data
        check_apart(weights, out / f"{self.name}.keras")
        shape = data.get("training", {}).get("network")
        if shape != json.loads(json.dumps(asdict(self.network))):
            raise WeightsError(
                str(weights),
                f"it is another network than {self.name}",
                "Name theirs by --network.",
            )
        training = data["training"]
        while training:
            if training["seed"] == self.seed:
                raise WeightsError(
                    str(weights),
                    f"it was trained with the seed {self.seed} and would see the same crops again",
                    "Choose another --seed.",
                )
            training = training.get("begin", {})

    def seen(self, recipes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the recipes of all examples that the weights will have seen."""
        before = self.begin.card.data.get("examples", ()) if self.begin else ()
        return [*before, *recipes]


def training_of(network: str, *, steps: int, seed: int, batch_size: int | None = None) -> Training:
    """Return how to train a network of `models.networks.lean.NETWORKS`; sections go more to a batch."""
    shape = NETWORKS[network]
    size = batch_size or (8 if shape.sections else 4)
    return Training(steps=steps, seed=seed, batch_size=size, network=shape, name=network)


def check_apart(weights: Path, written: Path) -> None:
    """Check that weights which a training begins with can be loaded, and are not what it will write.

    Raises
    ------
    WeightsError
        If not.
    """
    if not weights.is_file():
        raise WeightsError(str(weights), "there is no such weights file", "Check --weights.")
    if weights.suffix != ".keras":
        raise WeightsError(
            str(weights),
            "only Keras weights can be trained",
            "Name the .keras file it was made from.",
        )
    if weights.resolve() == written.resolve():
        raise WeightsError(
            str(weights),
            "the training would write over the weights it begins with",
            "Choose another --out.",
        )
