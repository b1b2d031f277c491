"""Locks that other machines see, and private folders that go with their process and with no other."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage.errors import ProjectError
from storage.opendtect.holding import (
    LOCK,
    abandoned,
    clear_abandoned,
    held,
    left_by_others,
    private_folder,
)
from tests.flows.running import ROOT

NOBODY = 65534


def open_modes(path: Path) -> list[int]:
    """Return how this process has a file open, for each time."""
    modes = []
    for descriptor in range(1024):
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                modes.append(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE)
    return modes


@contextmanager
def is_locked(path: Path) -> Iterator[None]:
    """Fail if a file is not locked, or is open in a way that NFS does not lock."""
    assert path.is_file()
    assert open_modes(path) == [os.O_RDWR]
    with path.open("r+b") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    yield


def test_what_is_locked_is_a_file_open_for_writing(tmp_path: Path) -> None:
    with held(tmp_path), is_locked(tmp_path / LOCK):
        pass
    with private_folder(tmp_path) as private, is_locked(private / LOCK):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOLCK, "no locks"), (errno.EROFS, "nothing can be written")]
)
def test_a_place_that_cannot_be_held_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(ProjectError, match=reason), held(tmp_path):
        pass
    with pytest.raises(ProjectError, match=reason), private_folder(tmp_path):
        pass


def test_a_private_folder_goes_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from storage.opendtect.holding import private_folder\n"
        "with private_folder(Path(sys.argv[1])) as private:\n"
        "    (private / '0').mkdir(); (private / '0' / 'data').touch()\n"
        "    print(private, flush=True); time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        private = Path(process.stdout.readline().strip())
        assert socket.gethostname() in private.name
        assert f"-{process.pid}-" in private.name
        clear_abandoned(tmp_path)
        assert (private / "0" / "data").exists()
        assert left_by_others(tmp_path) == []
        process.kill()
    assert list(abandoned(tmp_path)) == [private]
    assert list(tmp_path.iterdir()) == []


def killed_run(parent: Path, machine: str) -> Path:
    """Leave what a killed run left."""
    private = parent / f".graben-{machine}-17-89abcdef"
    private.mkdir()
    (private / LOCK).touch()
    return private


def test_a_folder_of_another_machine_is_named_and_never_touched(tmp_path: Path) -> None:
    other = killed_run(tmp_path, f"{socket.gethostname()}-2")
    clear_abandoned(tmp_path)
    assert (other / LOCK).exists()
    (line,) = left_by_others(tmp_path)
    assert str(other) in line
    assert f"a run of {socket.gethostname()}-2 " in line


def test_a_run_that_was_killed_before_it_had_a_lock_leaves_nothing(tmp_path: Path) -> None:
    private = killed_run(tmp_path, socket.gethostname())
    (private / LOCK).unlink()
    clear_abandoned(tmp_path)
    assert not private.exists()


@contextmanager
def another_user(monkeypatch: pytest.MonkeyPatch, place: Path) -> Iterator[Path]:
    """Be a user who may write into a folder that is open to all; yield it by a path that this user can go."""
    place.chmod(0o777)
    monkeypatch.chdir(place)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield Path()
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("closed", ["", LOCK])
def test_a_folder_of_another_user_is_named_and_keeps_nobody_from_his_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    theirs = killed_run(tmp_path, socket.gethostname())
    (theirs / closed).chmod(0)
    with another_user(monkeypatch, tmp_path) as place:
        clear_abandoned(place)
        with held(place), private_folder(place) as private:
            (private / "data").touch()
        (line,) = left_by_others(place)
    assert theirs.name in line
    assert "another user" in line
    assert theirs.exists()
    theirs.chmod(0o700)


def test_whoever_may_write_into_a_folder_may_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o777)
    with held(tmp_path):
        pass
    with another_user(monkeypatch, tmp_path) as place, held(place):
        pass


@pytest.mark.parametrize("closed", [0o600, 0o400])
def test_a_lock_that_another_user_closed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: int
) -> None:
    (tmp_path / LOCK).touch()
    (tmp_path / LOCK).chmod(closed)
    with (
        another_user(monkeypatch, tmp_path) as place,
        pytest.raises(ProjectError, match=rf"{LOCK}: .*cannot be opened"),
        held(place),
    ):
        pass


def test_the_lock_appears_with_the_access_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o775)
    lists = {str(tmp_path): {"system.posix_acl_access": b"named users"}}
    modes = []

    def give(path: Path, name: str, value: bytes) -> None:
        lists.setdefault(str(path), {})[name] = value

    def link(source: Path, target: Path) -> None:
        modes.append(source.stat().st_mode & 0o777)
        assert not target.exists()
        assert lists[str(source)] == lists[str(tmp_path)]
        os_link(source, target)

    os_link = os.link
    monkeypatch.setattr(os, "getxattr", lambda path, name: lists[str(path)][name])
    monkeypatch.setattr(os, "setxattr", give)
    monkeypatch.setattr(os, "link", link)
    lists[str(tmp_path)]["system.nfs4_acl"] = b"others"
    with held(tmp_path):
        pass
    assert modes == [0o664]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EEXIST])
def test_a_folder_is_held_without_hard_links_and_where_another_run_was_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    tmp_path.chmod(0o775)

    def fail(_: Path, target: Path) -> None:
        if number == errno.EEXIST:
            target.touch()
            target.chmod(0o664)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", fail)
    with held(tmp_path), is_locked(tmp_path / LOCK):
        assert (tmp_path / LOCK).stat().st_mode & 0o777 == 0o664
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_a_folder_that_lost_its_lock_and_not_its_content_is_cleared(tmp_path: Path) -> None:
    private = killed_run(tmp_path, socket.gethostname())
    (private / LOCK).unlink()
    (private / "0").mkdir()
    (private / "0" / "data").touch()
    assert list(abandoned(tmp_path)) == [private]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_lost_its_lock_and_is_another_users_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = killed_run(tmp_path, socket.gethostname())
    (theirs / LOCK).unlink()
    (theirs / "data").touch()
    theirs.chmod(0o555)
    with another_user(monkeypatch, tmp_path) as place:
        clear_abandoned(place)
        (line,) = left_by_others(place)
    assert theirs.name in line
    theirs.chmod(0o700)


def test_the_lock_of_a_private_folder_goes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = killed_run(tmp_path, socket.gethostname())
    for number in range(20):
        (private / f"{number}").touch()
    unlink, beside = os.unlink, []

    def seen(path: Path | str, **how: int) -> None:
        if Path(path).name == LOCK:
            beside.append([each.name for each in private.iterdir()])
        unlink(path, **how)

    monkeypatch.setattr(os, "unlink", seen)
    clear_abandoned(tmp_path)
    assert beside == [[LOCK]]
    assert not private.exists()
