"""The doctor on files that are none, and on several at once: the odd one is named."""

from pathlib import Path

import numpy as np
import pytest

from storage.errors import SegyError
from tasks.doctor import examine
from tests.segy_parts import Variant
from tests.segy_torture import VARIANTS
from tests.surveys import grid_traces


@pytest.mark.parametrize("content", [b"", b"\0" * 3599, None])
def test_without_file_headers_there_is_nothing_to_examine(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "none.sgy"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SegyError):
        examine([path], {})


def test_a_file_that_is_unlike_the_first_is_named(tmp_path: Path) -> None:
    one = Variant().write(tmp_path / "one.sgy")
    other = VARIANTS["one-sample"].write(tmp_path / "other.sgy")
    found = examine([one, other], {})
    assert found.refusal
    assert found.refusal.where == str(other)
    assert found.findings[0].files == (str(other),)


def test_records_of_every_file_are_judged_and_the_odd_ones_named(tmp_path: Path) -> None:
    """Bytes that fell out of one of many files, and as many that stand at its end: the length is right."""
    paths = [Variant().write(tmp_path / f"{number}.sgy") for number in range(5)]
    for path in paths[2:4]:
        content = path.read_bytes()
        path.write_bytes(content[:80_300] + content[80_340:] + bytes(40))
    (found,) = (one for one in examine(paths, {}).findings if one.code == "out-of-step")
    assert found.files == (str(paths[2]), str(paths[3]))
    assert found.where == "file offset 80400"
    (alone,) = (one for one in examine(paths[2:3], {}).findings if one.code == "out-of-step")
    assert alone.files == ()


def test_a_file_that_options_of_the_first_do_not_suit_is_refused_by_name(tmp_path: Path) -> None:
    """Twice as many samples in half as many traces: both files have the size that their counts make."""
    one = Variant().write(tmp_path / "one.sgy")
    other = Variant(traces=lambda: grid_traces((10, 8, 140), first=(500, 500)))
    path = other.write(tmp_path / "other.sgy")
    content = bytearray(path.read_bytes())
    content[3220:3222] = (40).to_bytes(2, "big")
    records = np.frombuffer(bytes(content[3600:]), np.uint8).reshape(80, 800).copy()
    records[:, 114:116] = np.frombuffer((40).to_bytes(2, "big"), np.uint8)
    path.write_bytes(bytes(content[:3600]) + records.tobytes())
    found = examine([one, path], {})
    assert found.refusal
    assert found.refusal.where == str(path)
    assert "ingest it on its own" in found.refusal.mend
    assert examine([path], {}).options == {"samples": 140}
