"""``place-wells`` by tiles with leases, faults and existing wells, beside the search of the whole map."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flows.__main__ import COMPLETE, IN_PART, WRONG_INPUT
from storage import run_record
from storage.map_store import write_map_store
from storage.maps.grid import GridMap
from tasks.fan_out import Result
from tasks.map_source import MapSource
from tasks.place_in_tiles import SPARE
from tasks.well_tiles import Alike, TileJob, next_wells
from tests.fault_volumes import write_fault_volume
from tests.flows.test_well_options import polygon
from tests.flows.test_wells_in_tiles import hills, kept, place, small, small_tiles, summary
from tests.map_sources import InMemory
from tests.models.test_wells_ground import winding_inside
from tests.tasks.volume_runs import contents

__all__ = ["hills", "kept", "small"]

RING = np.array([[0.05, 0.05], [0.97, 0.1], [0.9, 0.95], [0.1, 0.9]])
LAKE = np.array([[0.55, 0.2], [0.8, 0.25], [0.7, 0.5]])
OLD = np.array([[0.3, 0.3], [0.75, 0.7]])


class Field:
    """A map beside a survey with a fault across it, and files of what is asked, in CDP X/Y."""

    def __init__(self, folder: Path, values: NDArray[np.float64]) -> None:
        bins = write_fault_volume(folder / "faults.zarr").reshape(-1, 2)
        self._low = bins.min(axis=0) - 10.0
        self._size = np.array([values.shape[1] * 80.0, values.shape[0] * 110.0])
        self.map = folder / "map.zarr"
        corner = (float(self._low[0]), float(self._low[1]))
        write_map_store(self.map, GridMap("OIL", values, 80.0, 110.0, 0, "abc", corner), {})
        self.ring, self.lake, old = (self._at(shape) for shape in (RING, LAKE, OLD))
        self.lease = polygon(folder / "lease.json", self.ring)
        lake = polygon(folder / "lake.json", self.lake)
        table = folder / "old.csv"
        rows = [f"W{at},{x:.1f},{y:.1f},450" for at, (x, y) in enumerate(old)]
        table.write_text("\n".join(["name,x,y,radius", *rows, ""]))
        self.wishes = ["--lease", str(self.lease), "--no-drill", str(lake), "--radius", "400"]
        self.wishes += ["--existing", str(table), "--spacing", "700", "--wells", "8"]
        self.wishes += ["--faults", str(folder / "faults.zarr"), "--keep-out", "130"]

    def _at(self, shape: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.round(shape * self._size + self._low, 1))

    def placed(self, out: Path, search: str) -> dict[str, Any]:
        """Place wells and hold the table against the files; return the summary."""
        assert place(self.map, out, "--search", search, *self.wishes) == COMPLETE
        with (out / "wells.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 8
        assert min(float(row["nearest_fault_m"]) for row in rows) >= 130.0
        assert min(float(row["nearest_well_m"]) for row in rows) >= 700.0
        for row in rows:
            at = np.array([float(row["cdp_x"]), float(row["cdp_y"])])
            assert winding_inside(self.ring, at)
            assert not winding_inside(self.lake, at)
        return summary(out)


def test_what_is_asked_is_kept_to_as_on_the_whole_map(
    tmp_path: Path, hills: InMemory, capsys: pytest.CaptureFixture[str]
) -> None:
    field, said = Field(tmp_path, hills.map_values), {}
    for search in ("tiles", "whole"):
        said[search] = field.placed(tmp_path / search, search)
        told = "".join(capsys.readouterr())
        assert "Nearest faulty bin to a well: " in told
        assert "the 2 existing wells collect" in told
        assert "takes no account of the distance between new wells" in told
    tiles, whole = said["tiles"], said["whole"]
    assert tiles["nearest_fault_m"] >= 130.0
    assert tiles["faulty_bins"] == whole["faulty_bins"] > 0
    assert tiles["existing"]["wells"] == 2
    assert tiles["existing"]["value"] == pytest.approx(whole["existing"]["value"], rel=1e-9)
    # Windows of eight reaches hold few wells that may move: without wishes it is .98.
    assert tiles["value"] >= 0.96 * whole["value"]
    assert max(tiles["value"], whole["value"]) <= min(tiles["bound"], whole["bound"])
    assert tiles["bound"] <= 1.1 * whole["bound"]
    # Another lease is another run.
    polygon(field.lease, field.ring[:3])
    capsys.readouterr()
    given = ["--search", "tiles", *field.wishes]
    assert place(field.map, tmp_path / "tiles", *given) == WRONG_INPUT
    assert "lease was" in capsys.readouterr().err


def test_no_room_on_the_lease_is_told_before_anything_is_written(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lease = polygon(tmp_path / "lease.json", [[5.0, 5.0], [9.0, 5.0], [7.0, 9.0]])
    given = ["--search", "tiles", "--lease", str(lease), "--coordinates", "map"]
    assert place(kept, tmp_path / "wells", *given) == WRONG_INPUT
    told = capsys.readouterr().err
    assert "No cell of the map is within it" in told
    assert len(told.strip().splitlines()) == 1
    assert not (tmp_path / "wells" / "summary.json").exists()


def test_a_distance_that_leaves_no_room_is_told_before_anything_is_written_or_lost(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, given = tmp_path / "wells", ["--search", "tiles", "--spacing", "2000"]
    assert place(kept, out, *given) == WRONG_INPUT
    told = capsys.readouterr().err
    assert "spacing = 2000 m cannot be used" in told
    assert "finds room for" in told
    assert not out.exists()
    assert place(kept, out, "--search", "tiles") == COMPLETE
    before = contents(out)
    assert place(kept, out, *given, "--overwrite") == WRONG_INPUT
    assert contents(out) == before


def once(ledger: Path) -> Callable[..., Result]:
    """Return what lists wells for a run as long as it has no ledger, and spare places after."""

    def listed(job: TileJob, *, source: MapSource, wells: Alike, count: int) -> Result:
        assert count == SPARE or not ledger.exists(), "listed before"
        return next_wells(job, source=source, wells=wells, count=count)

    return listed


def test_lists_that_fail_say_that_nothing_is_kept(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> Result:
        raise ArithmeticError("by a test")

    monkeypatch.setattr("tasks.place_in_tiles.next_wells", broken)
    given = ["--search", "tiles", "--spacing", "700"]
    assert place(kept, tmp_path / "wells", *given) == IN_PART
    told = capsys.readouterr().err
    assert "nothing of them is on the disk yet" in told
    assert "--resume" not in told
    assert not (tmp_path / "wells").exists()


@pytest.mark.parametrize("search", ["tiles", "whole"])
def test_what_another_run_wrote_meanwhile_is_not_cleared(
    search: str,
    kept: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, given = tmp_path / "wells", ["--search", search, "--spacing", "700"]
    flow = "wells_in_tiles" if search == "tiles" else "place_wells"
    hold = run_record.hold

    def late(folder: Path) -> AbstractContextManager[None]:
        monkeypatch.undo()
        small_tiles(monkeypatch)
        assert place(kept, out, *given, "--seed", "5") == COMPLETE
        return hold(folder)

    monkeypatch.setattr(f"flows.{flow}.hold", late)
    assert place(kept, out, *given) == WRONG_INPUT
    assert "it holds another run: seed was 5 and is " in capsys.readouterr().err
    assert summary(out)["complete"] is True
    assert (out / "wells.csv").exists()


def test_wells_at_a_distance_come_from_the_lists_that_were_made_first(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, out = tmp_path / "clean", tmp_path / "wells"
    given = ["--search", "tiles", "--spacing", "700"]
    assert place(kept, clean, *given) == COMPLETE

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks.place_in_tiles.jobs_on", interrupt)
        assert place(kept, out, *given) == 130
    assert not out.exists()
    with monkeypatch.context() as patch:
        patch.setattr("tasks.place_in_tiles.next_wells", once(out / "wells.csv.ledger"))
        patch.setattr("tasks.place_in_tiles.exchanged", interrupt)
        assert place(kept, out, *given) == 130
    assert place(kept, out, *given, "--resume") == COMPLETE
    assert (out / "wells.csv").read_bytes() == (clean / "wells.csv").read_bytes()
