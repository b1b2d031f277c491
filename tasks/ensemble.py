"""The networks of a fault run: which there are, what volumes and lines need of them; none is loaded."""

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from models.averaging import ONE_PASS, Averaging
from models.calibration import Calibration
from models.errors import WeightsError
from models.networks.card import Card
from models.networks.ensemble_card import EnsembleCard, View, ensemble_of, read_ensemble
from models.runtime.ensemble import Context, Ensemble, context_of, cost_of
from models.tiles import missing_axis
from tasks.infer import NetworkFacts
from tasks.network import (
    ExportedNetwork,
    KerasNetwork,
    RuntimeName,
    keras_network,
    stored_network,
)

Accuracy = Literal["fast", "averaged", "accurate"]


@dataclass(frozen=True, slots=True)
class Member:
    """One network of a view, and its passes."""

    network: KerasNetwork | ExportedNetwork
    averaging: Averaging


@dataclass(frozen=True, slots=True)
class ViewNetwork:
    """What sees volumes, or what sees lines; see `tasks.infer.Network`.

    Attributes
    ----------
    members
        Networks with their passes.
    calibration
        Of the mean of their logits.
    facts
        What tiling needs.
    line
        It sees lines.
    """

    members: tuple[Member, ...]
    calibration: Calibration
    facts: NetworkFacts
    line: bool

    def load(self) -> Ensemble:
        """Load all networks; takes seconds, as TensorFlow does.

        One network in one pass calibrates once, in its own graph.
        """
        loaded = [(each.network.load(), each.averaging) for each in self.members]
        (first, averaging), *others = loaded
        if others or averaging != ONE_PASS or (first.sections and not self.line):
            return Ensemble(loaded, self.calibration, line=self.line)
        first.calibration = self.calibration.after(first.calibration)
        return Ensemble([(first, ONE_PASS)], line=self.line)

    def with_threads(self, threads: int) -> "ViewNetwork":
        """Return the same for so many threads of one process."""
        members = tuple(
            replace(each, network=replace(each.network, threads=threads)) for each in self.members
        )
        return replace(self, members=members)


@dataclass(frozen=True, slots=True)
class FaultNetworks:
    """An ensemble in a folder of weights.

    Attributes
    ----------
    folder
        Where its members lie.
    card
        Which they are.
    runtime
        What is to run them.
    """

    folder: Path
    card: EnsembleCard
    runtime: RuntimeName

    def view(self, *, line: bool) -> ViewNetwork:
        """Return what sees volumes, or what sees lines.

        Raises
        ------
        WeightsError
            If a network or its export is missing, or is not the one that the ensemble was calibrated with.
        ParameterError
            If the library of the runtime is not installed.
        """
        view: View = self.card.lines if line else self.card.volumes
        members, contexts = [], []
        for each in view.members:
            path = self.folder / each.weights
            network = stored_network(path, self.runtime)
            if path.suffix == ".keras" and each.sha256 not in (
                "",
                keras_network(path).card.sha256,
            ):
                raise WeightsError(
                    str(path),
                    f"{self.card.name} was calibrated with other weights",
                    f"Say: graben calibrate {self.folder / self.card.name}.json",
                )
            card = network.card
            members.append(Member(network, each.averaging))
            contexts.append(
                Context(
                    card.stride, card.halo, card.sections, card.bytes_per_sample, each.averaging
                )
            )
        needed = context_of(contexts, line=line)
        facts = NetworkFacts(
            self.card.sha256,
            needed.stride,
            needed.halo,
            needed.bytes_per_sample,
            view.threshold,
            cost_of(contexts, line=line),
        )
        return ViewNetwork(tuple(members), view.calibration, facts, line)

    def for_survey(self, shape: tuple[int, ...]) -> ViewNetwork:
        """Return what sees a survey of this shape; see `view`."""
        return self.view(line=missing_axis(shape) is not None)


def committed(accuracy: Accuracy) -> Path:
    """Return the ensemble of an accuracy that comes with graben."""
    return Path(str(files("models") / "weights" / f"{accuracy}.json"))


def fault_networks(
    weights: Path | None,
    *,
    accuracy: Accuracy = "fast",
    runtime: RuntimeName = "tensorflow",
) -> FaultNetworks:
    """Return the networks that are to find faults.

    Parameters
    ----------
    weights
        An ensemble, ``.json``, or the weights of one network for all; None: graben's own.
    accuracy
        Which of graben's own.
    runtime
        What is to run them.

    Raises
    ------
    WeightsError, ParameterError
        If they cannot be used.
    """
    path = (weights or committed(accuracy)).absolute()
    if path.suffix == ".json":
        return FaultNetworks(path.parent, read_ensemble(path), runtime)
    network = stored_network(path, runtime)
    return FaultNetworks(path.parent, ensemble_of(path, network.card), runtime)


def trained_examples(networks: FaultNetworks) -> list[list[dict[str, Any]]]:
    """Return the recipes of the examples that each network of an ensemble was trained on."""
    return [list(card.data.get("examples", ())) for card in _cards(networks)]


def used_examples(networks: FaultNetworks) -> list[dict[str, Any]]:
    """Return the recipes of all examples that decided anything of an ensemble: none may score it."""
    used = [recipe for card in _cards(networks) for recipe in card.used_examples]
    return [*used, *networks.card.data.get("validation", ())]


def _cards(networks: FaultNetworks) -> list[Card]:
    """Return the card of each network of an ensemble."""
    members = [member for line in (False, True) for member in networks.view(line=line).members]
    return list({member.network.weights: member.network.card for member in members}.values())
