"""Examples that are made on workers while a training reads them."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from distributed import Client

from storage.growing_examples import GrowingExamples
from tasks.synthesize import ExampleRecipe, synthesize


class _NoLongerNeededError(Exception):
    """The training has ended before its examples were made."""


@contextmanager
def growing_examples(
    recipes: Mapping[Path, ExampleRecipe],
    *,
    client: Client | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Iterator[list[GrowingExamples]]:
    """Make example stores side by side; yield them as soon as they are laid out.

    At the end of the context they are complete; an exception inside it stops the making.

    Parameters
    ----------
    recipes
        Path of each store to what it holds.
    client
        Where to run; None: threads of this process.
    resume, overwrite
        Go on with incomplete stores; start anew.

    Raises
    ------
    OutputError, ParameterError, JobsFailedError
        What `tasks.synthesize.synthesize` raises, as soon as the examples are waited for.
    """
    stopped = Event()
    with ThreadPoolExecutor(len(recipes), thread_name_prefix="examples") as pool:
        makers = {}
        for path, recipe in recipes.items():
            laid_out = Event()
            maker = pool.submit(
                synthesize,
                path,
                recipe,
                client=client,
                resume=resume,
                overwrite=overwrite,
                progress=_Watch(laid_out, stopped),
            )
            maker.add_done_callback(lambda _, event=laid_out: event.set())  # type: ignore[misc]
            makers[path] = (maker, laid_out)

        def check() -> None:
            for maker, _ in makers.values():
                if maker.done():
                    maker.result()

        try:
            for _, laid_out in makers.values():
                laid_out.wait()
            check()
            yield [GrowingExamples(path, check=check) for path in recipes]
        except BaseException:
            stopped.set()
            raise
        for maker, _ in makers.values():
            maker.result()


@dataclass(frozen=True, slots=True)
class _Watch:
    """What the making of a store tells: it is laid out; and what it is told: to stop."""

    laid_out: Event
    stopped: Event

    def __call__(self, done: int, total: int) -> None:  # noqa: ARG002 - the ledger knows which are done
        self.laid_out.set()
        if self.stopped.is_set():
            raise _NoLongerNeededError
