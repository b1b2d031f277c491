"""Surveys with one plane fault whose strike and dip are known, and the network that reads it off."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flows import fault_run, map_faults
from flows.settings.reading import Cluster
from tests.stand_in import StandIn
from tests.surveys import Form, grid_traces, write_segy

SHAPE = (44, 40, 48)
AZIMUTH, BIN_M = 0.5, (25.0, 12.5)
VELOCITY = 3000.0
FIRST = (101, 2001)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in a survey.

    Attributes
    ----------
    shape, step
        Of the survey: samples, and line numbers from line to line.
    normal
        Across the plane, in samples; down is positive.
    domain
        ``time`` or ``depth``; samples lie 4 ms or 4 m apart.
    """

    shape: tuple[int, int, int] = SHAPE
    step: tuple[int, int] = (1, 1)
    normal: tuple[float, float, float] = (0.5, 1.0, 0.6)
    domain: str = "time"

    @property
    def metres(self) -> NDArray[np.float64]:
        """Distance of samples along each axis."""
        down = 4.0 if self.domain == "depth" else 4.0 * VELOCITY / 2000
        return np.array([BIN_M[0] * self.step[0], BIN_M[1] * self.step[1], down])

    def distance(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """Samples from places, shape (n, 3), to the plane through the middle of the survey."""
        normal = np.array(self.normal)
        middle = (np.array(self.shape) - 1) / 2
        return np.asarray(np.abs((samples - middle) @ normal) / np.linalg.norm(normal))

    @property
    def strike_deg(self) -> float:
        """From north, the dip to its right."""
        along, across, down = np.array(self.normal) / self.metres
        along, across = (along, across) if down >= 0 else (-along, -across)
        # As in surveys.grid_traces: inlines grow along (-sin, cos), crosslines along (cos, sin).
        east = -np.sin(AZIMUTH) * along + np.cos(AZIMUTH) * across
        north = np.cos(AZIMUTH) * along + np.sin(AZIMUTH) * across
        return float((np.degrees(np.arctan2(-east, -north)) - 90) % 360)

    @property
    def dip_deg(self) -> float:
        """From the horizontal, in space; on a single line the apparent one along it."""
        along, across, down = np.array(self.normal) / self.metres
        return float(np.degrees(np.arctan2(np.hypot(along, across), abs(down))))

    def write(self, path: Path, form: Form | None = None) -> Path:
        """Write the survey: quiet noise, and large amplitudes on the plane."""
        traces = grid_traces(self.shape, first=FIRST, step=self.step, azimuth=AZIMUTH, bin_m=BIN_M)
        places = np.indices(self.shape).reshape(3, -1).T.astype(float)
        ridge = np.exp(-((self.distance(places) / 1.5) ** 2)).reshape(-1, self.shape[2])
        noise = np.random.default_rng(3).uniform(1e-4, 1e-3, ridge.shape)
        return write_segy(path, replace(traces, amplitude=ridge + noise), form)

    def in_samples(self, nodes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return samples of nodes (inline, crossline, time or depth), shape (n, 3)."""
        return np.asarray((nodes - [*FIRST, 0]) / [*self.step, 4.0])


class Networks:
    """As much of the networks of a run as it asks for."""

    card = SimpleNamespace(sha256="0" * 64)

    def view(self, *, line: bool) -> StandIn:
        return StandIn(sections=line)

    def for_survey(self, shape: tuple[int, int, int]) -> StandIn:
        return StandIn(sections=1 in shape)


def plain_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let map-faults run in threads of this process, without Prefect, amplitudes taken for probability."""

    @contextmanager
    def no_workers(_settings: Cluster, _plan: object) -> Iterator[None]:
        yield None

    def as_it_is(_name: str, function: Any, **_: object) -> Any:
        takes_progress = function is fault_run.plan_run
        return (lambda *a: function(*a, progress=lambda *_: None)) if takes_progress else function

    monkeypatch.setattr(map_faults, "stage", as_it_is)
    monkeypatch.setattr(map_faults, "workers", no_workers)
    monkeypatch.setattr(map_faults, "run_address", str)
    monkeypatch.setattr(fault_run, "fault_networks", lambda *_, **__: Networks())
