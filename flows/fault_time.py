"""The time that a fault run would take, in words; loads what a run loads, to measure it."""

import time

from flows.fault_run import Planned
from flows.settings.faults import MapFaults
from flows.survey_forms import trace_count


def expected_time(settings: MapFaults, planned: Planned) -> str:
    """Return one line on the expected time and on what it was measured with."""
    began = time.perf_counter()
    import flows.map_faults  # noqa: F401 - only to see how long that takes here
    from deploy.cluster import default_workers
    from tasks.expected_time import expect, in_words

    load_s = time.perf_counter() - began
    workers = settings.workers or default_workers(planned.plan.worker_bytes)
    if settings.scheduler:
        workers = 1
    found = expect(
        planned.plan,
        planned.network,
        workers=workers,
        threads=planned.threads,
        load_s=load_s,
        traces=trace_count(planned.survey),
        surfaces=settings.surfaces,
    )
    whose = f"{workers} workers" if workers > 1 else "one worker"
    if settings.scheduler:
        whose = f"one worker of {settings.scheduler}, more share the work"
    if planned.threads > 1:
        whose += f" of {planned.threads} threads"
    parts = {
        "start": found.start,
        "infer": found.infer,
        "ingest and export": found.files,
        "surfaces": found.surfaces,
    }
    shares = ", ".join(f"{name} {in_words(part)}" for name, part in parts.items() if part)
    return (
        f"About {in_words(found.total)} with {whose} as this machine is now: {shares} "
        f"({found.samples_per_s / 1e6:.2g} million samples a second and worker, measured)"
    )
