"""The expected time of a run: what it is made of, and how it is said."""

from dataclasses import replace

import pytest

from models.tiles import Tiling
from tasks.expected_time import START_S, expect, in_words, measured_rate
from tasks.plan import Plan
from tests.stand_in import StandIn

TILING = Tiling((256, 256, 64), 8, 16, 1, (128, 128), 64)
PLANNED = Plan(TILING, jobs=4, tiles=4, redundancy=1.5, tile_bytes=1 << 20, output_bytes=1 << 20)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large machine with nothing else to do."""
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 64)


def test_what_else_runs_takes_its_share_of_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.expected_time.measured_rate", lambda *_, **__: 1e6)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = []
    for load in (0.0, 2.0):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 0.0, 0.0))
        found.append(
            expect(
                PLANNED, StandIn(), workers=2, threads=1, load_s=1.0, traces=9, surfaces=False
            ).infer
        )
    assert found[1] == pytest.approx(2 * found[0])


def test_the_rate_is_that_of_the_network() -> None:
    quick, slow = (measured_rate(StandIn(pause_s=s), line=False) for s in (0.0, 0.1))
    assert 96**3 / 1.0 < slow <= 96**3 / 0.1 < quick


def test_time_falls_with_workers_until_every_tile_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.expected_time.measured_rate", lambda *_, **__: 1e6)
    one, two, many = (
        expect(
            PLANNED, StandIn(), workers=n, threads=1, load_s=1.0, traces=256 * 256, surfaces=True
        )
        for n in (1, 2, 100)
    )
    assert one.infer == pytest.approx(256 * 256 * 64 * 1.5 / 1e6)
    assert one.infer == 2 * two.infer == 4 * many.infer
    assert one.start == two.start == START_S
    assert one.total == pytest.approx(one.start + one.infer + one.files + one.surfaces)
    slow_machine = expect(
        PLANNED, StandIn(), workers=1, threads=1, load_s=60, traces=9, surfaces=False
    )
    assert slow_machine.start > 60
    assert slow_machine.surfaces == 0


def test_passes_of_a_network_are_in_the_measured_rate_and_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tasks.expected_time.measured_rate", lambda *_, **__: 1e6)
    facts = replace(StandIn().facts, cost=3.0)
    monkeypatch.setattr(StandIn, "facts", property(lambda _: facts))
    tripled = replace(PLANNED, redundancy=4.5)
    found = expect(tripled, StandIn(), workers=1, threads=1, load_s=1.0, traces=9, surfaces=False)
    assert found.infer == pytest.approx(256 * 256 * 64 * 1.5 / 1e6)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3.14, "3.1 s"), (100, "100 s"), (119, "119 s"), (150, "2.5 min"), (9000, "2.5 h")],
)
def test_lengths_of_time_are_said_to_two_figures(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
