"""Seeds to examples: every example is one job, decided by (seed, index) alone."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client

from models.earth.example import GENERATOR_VERSION, make_example
from storage.examples import begin_examples, end_examples, write_example
from storage.ledger import open_ledger
from tasks.fan_out import Progress, Result, run_jobs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExampleRecipe:
    """What decides the bytes of an example store.

    Attributes
    ----------
    seed
        Examples of one seed differ by their index.
    count
        Number of examples.
    size
        Samples along inline, crossline and twt; a crossline axis of one sample makes sections.
    preset
        Kind of earth, a key of ``models.earth.presets.MIXTURES``.
    """

    seed: int
    count: int
    size: tuple[int, int, int]
    preset: str = "mixed"

    def as_identity(self) -> dict[str, Any]:
        """Return plain values, with the version of the generator."""
        identity = asdict(self)
        return {**identity, "size": list(self.size), "generator": GENERATOR_VERSION}


def synthesize_example(index: int, *, path: str, recipe: ExampleRecipe) -> Result:
    """Make one example and write it; return its share of fault samples."""
    example = make_example(recipe.seed, index, size=recipe.size, preset=recipe.preset)
    label = example.fault_label
    write_example(Path(path), index, example.amplitude, label, example.fault_distance)
    return {"fault_share": round(float(label.mean()), 6)}


def synthesize(
    path: Path,
    recipe: ExampleRecipe,
    *,
    client: Client | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a store of examples, the same bytes on any number of workers.

    Parameters
    ----------
    path
        The Zarr group to write.
    recipe
        What to draw.
    client
        Where to run; None: threads of this process.
    resume, overwrite
        Go on with an incomplete store; start anew.
    progress
        Told after every example.

    Returns
    -------
    dict
        ``count``, mean ``fault_share``, and ``made`` (how many this call made).

    Raises
    ------
    OutputError
        If something else is at the path.
    ParameterError
        If the recipe cannot be drawn; found before anything is written.
    """
    make_example(recipe.seed, 0, size=recipe.size, preset=recipe.preset)
    path = path.absolute()  # workers may run in another folder
    identity = recipe.as_identity()
    if begin_examples(path, identity, resume=resume, overwrite=overwrite):
        logger.info("%s is complete: %d examples", path, recipe.count)
        return {"count": recipe.count, "made": 0}
    jobs = {f"{index:06d}": index for index in range(recipe.count)}
    with open_ledger(path, identity) as ledger:
        before = len(ledger.done)
        work = partial(synthesize_example, path=str(path), recipe=recipe)
        results = run_jobs(
            work, jobs, what="examples", client=client, ledger=ledger, progress=progress
        )
        facts = _facts(results)
        end_examples(path, facts)
        ledger.close_complete()
    return {**facts, "made": recipe.count - before}


def _facts(results: Mapping[str, Result]) -> dict[str, Any]:
    """Return what is known about all examples together."""
    shares = [float(result["fault_share"]) for result in results.values()]
    return {"count": len(shares), "fault_share": round(sum(shares) / len(shares), 6)}
