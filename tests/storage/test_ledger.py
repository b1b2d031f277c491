"""The ledger: what is recorded is kept, what is torn is dropped, and one run writes at a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import OutputError
from storage.ledger import differences, drop_ledger, key_of, open_ledger, read_identity

IDENTITY = {"source_sha256": "ab12", "threshold": 0.4, "line_bytes": (189, 193)}
ROOT = Path(__file__).parents[2]


def filled(output: Path, jobs: int = 5) -> Path:
    with open_ledger(output, IDENTITY) as ledger:
        for job in range(jobs):
            ledger.record(f"{job},0", {"live": job, "words": "é\n"})
    return output.with_name(output.name + ".ledger")


def test_recorded_jobs_are_there_when_the_run_goes_on(tmp_path: Path) -> None:
    path = filled(tmp_path / "faults.zarr")
    assert path.exists()
    with open_ledger(tmp_path / "faults.zarr", IDENTITY) as ledger:
        expected = {f"{job},0": {"live": job, "words": "é\n"} for job in range(5)}
        assert list(ledger.results()) == list(expected.items())
        assert ledger.done == expected.keys()
        ledger.record("5,0", {"live": 5})
    with open_ledger(tmp_path / "faults.zarr", IDENTITY) as ledger:
        assert len(ledger.done) == 6


@given(cut=st.integers(1, 10_000), junk=st.sampled_from([b"", b"\0\0\0", b"{", b'{"job": "9']))
def test_a_torn_ledger_keeps_every_whole_line_and_can_be_written_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    output = tmp_path_factory.mktemp("torn") / "volume.zarr"
    path = filled(output)
    content = path.read_bytes()
    kept = content[: len(content) - cut % len(content)]
    path.write_bytes(kept + junk)
    whole = max(kept.count(b"\n") - 1, 0)
    with open_ledger(output, IDENTITY) as ledger:
        assert list(ledger.done) == [f"{job},0" for job in range(whole)]
        ledger.record("new", {})
    with open_ledger(output, IDENTITY) as ledger:
        assert list(ledger.done) == [*(f"{job},0" for job in range(whole)), "new"]
    lines = path.read_text().splitlines()
    assert json.loads(lines[0])["key"] == key_of(IDENTITY)


def test_a_second_writer_in_this_process_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "volume.zarr"
    with (
        open_ledger(output, IDENTITY),
        pytest.raises(OutputError, match="another run is writing"),
        open_ledger(output, IDENTITY),
    ):
        pass
    with open_ledger(output, IDENTITY) as ledger:
        assert not ledger.done


def test_a_second_process_is_refused_until_the_first_has_died(tmp_path: Path) -> None:
    output = tmp_path / "volume.zarr"
    code = (
        "import sys, time; from pathlib import Path; from storage.ledger import open_ledger\n"
        f"with open_ledger(Path(sys.argv[1]), {IDENTITY!r}) as ledger:\n"
        "    ledger.record('0,0', {}); print('open', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(output)], stdout=subprocess.PIPE, cwd=ROOT
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(OutputError, match="Wait for that run"), open_ledger(output, IDENTITY):
            pass
        holder.kill()
    with open_ledger(output, IDENTITY) as ledger:
        assert list(ledger.done) == ["0,0"]


def test_another_identity_is_refused_naming_what_differs(tmp_path: Path) -> None:
    path = filled(tmp_path / "volume.zarr")
    before = path.read_bytes()
    other = {**IDENTITY, "threshold": 0.5}
    with pytest.raises(OutputError) as caught, open_ledger(tmp_path / "volume.zarr", other):
        pass
    assert "threshold was 0.4 and is 0.5" in str(caught.value)
    assert "source_sha256" not in str(caught.value)
    assert "line_bytes" not in str(caught.value)
    assert "--overwrite" in str(caught.value)
    assert path.read_bytes() == before


def test_the_identity_of_an_unfinished_output_is_read_without_a_lock(tmp_path: Path) -> None:
    output = tmp_path / "volume.zarr"
    assert read_identity(output) is None
    with open_ledger(output, IDENTITY) as ledger:
        found = read_identity(output)
        assert found is not None
        assert key_of(found) == key_of(IDENTITY)
        assert differences(found, IDENTITY) == ""
        ledger.record("0,0", {})
        assert read_identity(output) == found
        ledger.close_complete()
    assert read_identity(output) is None
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_was_torn_in_its_first_line_has_no_identity(tmp_path: Path) -> None:
    output = tmp_path / "volume.zarr"
    path = filled(output)
    first = path.read_bytes().splitlines()[0]
    torn = [first[:cut] for cut in range(len(first))]
    for content in (*torn, b"\0\0", b"{}\n", b"7\n", b"[]\n", b'{"identity": 7}\n', b"\xff\xfe\n"):
        path.write_bytes(content)
        assert read_identity(output) is None, content


def test_what_is_forgotten_is_gone_for_good_and_the_run_goes_on(tmp_path: Path) -> None:
    output = tmp_path / "out.sgy"
    with open_ledger(output, IDENTITY, anew=True) as ledger:
        for job in "abc":
            ledger.record(job, {"words": "é"}, durable=job == "c")
        ledger.forget()
        assert not ledger.done
        ledger.record("d", {})
    with open_ledger(output, IDENTITY) as ledger:
        assert (list(ledger.done), ledger.anew) == (["d"], True)
        ledger.forget()
    with open_ledger(output, IDENTITY) as ledger:
        assert (list(ledger.done), ledger.anew) == ([], True)


def test_objects_of_forgotten_jobs_are_gone() -> None:
    output = "memory://forgotten/volume.zarr"
    with open_ledger(output, IDENTITY) as ledger:
        for job in "ab":
            ledger.record(job, {})
        ledger.forget()
        ledger.record("c", {})
    with open_ledger(output, IDENTITY) as ledger:
        assert list(ledger.done) == ["c"]
        ledger.close_complete()


FOREIGN = [b"C 1 CLIENT\n", b"words", b"\xc3\x40\xf1" * 9, b'{"of": "others"}\n', b"{\n}\n", b"\n"]


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("anew", [False, True])
def test_what_is_no_ledger_is_refused_and_stays(
    tmp_path: Path, content: bytes, anew: bool
) -> None:
    output, path = tmp_path / "volume.zarr", tmp_path / "volume.zarr.ledger"
    path.write_bytes(content)
    with (
        pytest.raises(OutputError, match=r"volume.zarr.ledger beside it is no ledger"),
        open_ledger(output, IDENTITY, anew=anew),
    ):
        pass
    drop_ledger(output)
    assert path.read_bytes() == content


def test_a_folder_at_the_place_of_a_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "volume.zarr.ledger").mkdir()
    with (
        pytest.raises(OutputError, match="no ledger"),
        open_ledger(tmp_path / "volume.zarr", IDENTITY),
    ):
        pass


def test_a_complete_output_has_no_ledger(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "volume.zarr", IDENTITY) as ledger:
        ledger.record("0,0", {})
        ledger.close_complete()
    assert list(tmp_path.iterdir()) == []


def test_keys_do_not_depend_on_the_order_of_facts_nor_on_json() -> None:
    turned = dict(reversed(list(IDENTITY.items())))
    assert key_of(turned) == key_of(IDENTITY) == key_of(json.loads(json.dumps(IDENTITY)))
    assert key_of({**IDENTITY, "threshold": 0.41}) != key_of(IDENTITY)


def test_differences_name_new_and_lost_facts_and_nothing_equal() -> None:
    text = differences({"a": 1, "b": 2, "c": [1, 2]}, {"b": 3, "d": 4, "c": (1, 2)})
    assert text == "a was 1 and is None, b was 2 and is 3, d was None and is 4"
