"""From Zarr to CBVS, OpendTect's native volume: one file of one or more components, at the speed of the disk.

The file is laid out at full size and every job writes the traces of one shard column at their places, so
that memory holds a shard column a thread and a component, however large the survey is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from storage.cbvs.family import refuse_strays
from storage.cbvs.header import Component
from storage.cbvs.writer import Layout, check_components, first_traces, lay_out, write_block
from storage.errors import OutputError
from storage.export_files import ExportFiles, flush
from storage.geometry import SurveyGeometry
from storage.ledger import Identity, Ledger, open_ledger
from storage.locations import Location, whole_file
from storage.volume import geometry_of, job_shape, open_array, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.job_grid import Block, GridJobs

if TYPE_CHECKING:
    from distributed import Client

Source = tuple[Location, str]
"""A store and the name of a variable in it."""


@dataclass(frozen=True, slots=True)
class CbvsJob:
    """One shard column, and for each of its inlines the number of its first trace in the file."""

    sources: tuple[Source, ...]
    part: Path
    layout: Layout
    block: Block
    first_traces: tuple[int, ...]
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class _Volume:
    """What is written: whose samples, as which components, on which bins."""

    sources: tuple[Source, ...]
    components: tuple[Component, ...]
    geometry: SurveyGeometry
    factor: float


def write_cbvs(  # noqa: PLR0913 - what is made, and how every stage is run
    path: Path,
    variables: Sequence[Source],
    *,
    names: Sequence[str] | None = None,
    dtype: DTypeLike | None = None,
    factor: float = 1.0,
    identity: Identity | None = None,
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Write variables of complete stores of one survey as the components of one volume.

    Parameters
    ----------
    path
        The file; it appears whole, by rename.
    variables
        (store, variable) of every component, such as probability, strike and dip.
    names
        Of the components (default: the names of the variables).
    dtype
        Of all components: float32, or int8 and the like, to which floats are rounded and cut (default: the
        type of each variable). What is not finite becomes OpendTect's number for undefined, in integers 0.
    factor
        What floats are multiplied by, such as 100 for a probability as int8.
    identity
        Facts that decide the bytes of the file; with them a ledger is kept beside it, and a later call goes
        on where this one was stopped. None: the file is written in one go, and nothing else is left.
    anew
        Begin from nothing, and replace a file that is there; without identity it is replaced anyway.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Raises
    ------
    OutputError
        If CBVS has no such type, a file of a split volume of that name lies beside it, or a file is there
        that may not be replaced; nothing is written.
    JobsFailedError
        If jobs failed.
    """
    refuse_strays(path)
    volume = _volume(path, variables, names, dtype, factor)

    def run(part: Path, layout: Layout, ledger: Ledger | None) -> None:
        jobs = _jobs(volume, part, layout)
        what = "volume for OpendTect"
        run_jobs(write_column, jobs, what=what, client=client, ledger=ledger, progress=progress)

    if identity is None:
        with whole_file(path) as part:
            run(part, lay_out(part, volume.geometry, volume.components), None)
        return
    with open_ledger(path, identity, anew=anew) as ledger:
        files = ExportFiles([path], ledger)
        facts = files.begin(
            lambda parts: {"first": lay_out(parts[0], volume.geometry, volume.components).first}
        )
        samples = volume.geometry.samples.count
        run(files.parts[0], Layout(facts["first"], volume.components, samples), ledger)
        files.finish()


def _volume(
    path: Path,
    variables: Sequence[Source],
    names: Sequence[str] | None,
    dtype: DTypeLike | None,
    factor: float,
) -> _Volume:
    """Look at the stores; check that they are of one survey."""
    geometry = geometry_of(variables[0][0])
    components = []
    for number, (store, variable) in enumerate(variables):
        array = open_array(store, variable)
        if array.shape != geometry.shape:
            raise OutputError(
                path,
                f"{variable} of {store} has shape {array.shape}, others {geometry.shape}",
                "Name variables of one survey.",
            )
        name = names[number] if names else variable
        components.append(Component(name, np.dtype(dtype or array.dtype).newbyteorder("=")))
    check_components(path, components)
    return _Volume(tuple(variables), tuple(components), geometry, factor)


def _jobs(volume: _Volume, part: Path, layout: Layout) -> Mapping[str, CbvsJob]:
    first = first_traces(volume.geometry.live_mask)

    def job(block: Block) -> CbvsJob:
        numbers = tuple(int(each) for each in first[block[0], block[1].start])
        return CbvsJob(volume.sources, part, layout, block, numbers, volume.factor)

    return GridJobs(volume.geometry.shape, job_shape(*volume.sources[0]), job)


def write_column(job: CbvsJob) -> Result:
    """Write the traces of one shard column to their places; return their number."""
    live = read_region(job.sources[0][0], "live_mask", job.block)
    region = whole(job.block, job.layout.samples)
    samples = [read_region(store, variable, region, live) for store, variable in job.sources]
    if job.factor != 1:
        samples = [each * each.dtype.type(job.factor) for each in samples]
    write_block(job.part, job.layout, job.first_traces, live, samples)
    flush(job.part)
    return {"traces": int(live.sum())}
