"""A plain function becomes a stage of a flow: a Prefect task with a progress artifact and a bar.

Prefect counts stages and Dask counts jobs. A stage that is tried again redoes only what its ledger lacks,
so results are not cached by Prefect.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.context import TaskRunContext
from prefect.runtime import flow_run
from prefect.settings import PREFECT_UI_URL

from flows.terminal import bar
from models.errors import ModelError
from storage.errors import InputError, is_full
from tasks.fan_out import JobsFailedError

ReturnT = TypeVar("ReturnT")

ARTIFACT_EVERY_S = 2.0
"""Between updates of a progress artifact, each a call to the Prefect server."""


def stage(
    name: str, function: Callable[..., ReturnT], *, retries: int = 0
) -> Callable[..., ReturnT]:
    """Return a Prefect task that runs ``function`` with a ``progress`` argument added.

    Parameters
    ----------
    name
        As people see it, in the terminal and on Prefect's page.
    function
        Takes ``progress``, as in `tasks.fan_out.Progress`.
    retries
        How often Prefect tries again; never for wrong input.
    """

    def run(*args: Any, **kwargs: Any) -> ReturnT:  # noqa: ANN401 - whatever the stage takes
        with bar(name) as show:
            return function(*args, progress=_Reporter(name, show), **kwargs)

    # The overloads of ``task`` leave out a function given together with options.
    staged: Callable[..., ReturnT] = task(  # type: ignore[call-overload]
        run,
        name=name,
        retries=retries,
        retry_delay_seconds=5,
        retry_condition_fn=_may_pass_later,
        cache_policy=NO_CACHE,
        task_run_name=name,
    )
    return staged


def run_address() -> str:
    """Return where the flow run now under way can be watched.

    Its page, or the address of its API where a server has no pages.
    """
    if PREFECT_UI_URL.value():
        return str(flow_run.ui_url)
    with get_client(sync_client=True) as client:
        return f"{client.api_url}flow_runs/{flow_run.id}"


def _may_pass_later(_task: object, _run: object, state: Any) -> bool:  # noqa: ANN401 - a Prefect state
    """Tell whether trying again can help: wrong input stays wrong, and jobs were tried again before."""
    try:
        state.result()
    except (InputError, ModelError, JobsFailedError):
        return False
    except Exception as error:  # anything else may be a machine that comes back
        return not is_full(error)
    return False


class _Reporter:
    """Hands progress to the bar at once and to Prefect now and then."""

    def __init__(self, name: str, show: Callable[[int, int], None]) -> None:
        self.name, self.show = name, show
        self.artifact: UUID | None = None
        self.told = 0.0

    def __call__(self, done: int, total: int) -> None:
        self.show(done, total)
        now = time.monotonic()
        if TaskRunContext.get() is None or (done < total and now - self.told < ARTIFACT_EVERY_S):
            return
        self.told = now
        percent = 100.0 * done / total if total else 100.0
        if self.artifact is None:
            self.artifact = create_progress_artifact(percent, description=self.name)  # type: ignore[assignment]
        else:
            update_progress_artifact(self.artifact, percent)
