"""The fingerprint of a file: it changes with the file's content and time, not with its name."""

import os
import shutil
from pathlib import Path

import pytest

from storage.segy.records import fingerprint, inspect
from tests.surveys import PLAIN, write_segy


def keep_time(path: Path, of: os.stat_result) -> None:
    os.utime(path, ns=(of.st_atime_ns, of.st_mtime_ns))


@pytest.mark.parametrize("change", ["head", "tail", "size"])
def test_the_fingerprint_follows_content_and_not_name(tmp_path: Path, change: str) -> None:
    source = write_segy(tmp_path / "one.sgy", PLAIN())
    first = fingerprint(inspect(source))
    path = Path(shutil.copy2(source, tmp_path / "two.sgy"))
    assert fingerprint(inspect(path)) == first
    content = bytearray(path.read_bytes())
    if change == "size":
        content += content[-(240 + 84) :]
    else:
        content[100 if change == "head" else -1] ^= 1
    path.write_bytes(bytes(content))
    keep_time(path, source.stat())
    assert fingerprint(inspect(path)) != first


def test_a_change_in_the_middle_of_a_small_file_is_seen(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "one.sgy", PLAIN())
    first, status = fingerprint(inspect(path)), path.stat()
    content = bytearray(path.read_bytes())
    content[3600 + 30 * 324 + 250] ^= 1
    path.write_bytes(bytes(content))
    keep_time(path, status)
    assert fingerprint(inspect(path)) != first


def test_a_file_that_was_written_again_is_another(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "one.sgy", PLAIN())
    first = fingerprint(inspect(path))
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert fingerprint(inspect(path)) != first
