"""A network too small to be good at anything, with its card, for tests of what is done with weights."""

from pathlib import Path

from models.networks.card import Card, card_path, card_text, sha256_of
from models.networks.lean import Lean, lean
from models.networks.seeds import seeded
from models.networks.weights import save_network

SHAPE = Lean((4, 8), (1, 1))


def write_weights(path: Path, seed: int = 0) -> Path:
    """Write untrained weights that follow from the seed; their card names seed 101 as trained on."""
    save_network(seeded(seed, lambda: lean(SHAPE)), path)
    card = Card("tiny", sha256_of(path), SHAPE.stride, halo=8, data={"examples": [{"seed": 101}]})
    card_path(path).write_text(card_text(card))
    return path
