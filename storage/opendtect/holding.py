"""Who may change a data folder now, and private folders in which things become whole.

Locks are on regular files that are open for writing: of those alone do NFS and SMB tell other machines. A
private folder names the machine and the process that it goes with and holds such a lock; once its process is
gone, runs of the same machine remove it, and those of no other.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.errors import ProjectError, is_full
from storage.locations import take_access

LOCK = ".graben.lock"
"""In a folder: the file that is locked. It stays, as one that goes could be locked twice."""

PRIVATE = ".graben-"
"""Begin of the names of private folders; machine, process and a random word follow."""

_NAME = re.compile(re.escape(PRIVATE) + r"(?P<machine>.+)-\d+-[0-9a-f]{8}")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a data folder against other runs of graben while its table changes; waits for its turn.

    Raises
    ------
    ProjectError
        If nothing may be written there, or nothing can be locked there.
    """
    with _errors_of(folder):
        descriptor = _opened(folder)
    try:
        with _errors_of(folder):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """Yield a folder that goes with this process: now, or by a later run's `abandoned`.

    Raises
    ------
    ProjectError
        As `held`.
    """
    with _errors_of(parent):
        private, descriptor = _made(parent)
    try:
        yield private
    finally:
        os.close(descriptor)  # first, as NFS keeps a file that is open, and with it the folder
        _remove(private)


def abandoned(parent: Path) -> Iterator[Path]:
    """Yield private folders whose process, of this machine, is gone; remove each after it was looked at."""
    for private in sorted(parent.glob(f"{PRIVATE}*")):
        if _machine_of(private) != _machine() or private.is_symlink():
            continue
        descriptor = _lock_of(private)
        if descriptor is None:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # its process is at work
            os.close(descriptor)
            continue
        try:
            yield private
            _remove(private)
        finally:
            os.close(descriptor)
        _remove(private)  # NFS kept it for the lock


def _lock_of(private: Path) -> int | None:
    """Return a descriptor of the lock of a private folder of this machine; None where it is not to be had."""
    try:
        return os.open(private / LOCK, os.O_RDWR)
    except FileNotFoundError:
        with suppress(OSError):  # only an empty one goes
            private.rmdir()
            return None
    except OSError:  # of another user: `left_by_others` names it
        return None
    with suppress(OSError):  # who makes one makes its lock first: this one was being removed
        return os.open(private / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    return None


def _remove(private: Path) -> None:
    """Remove a private folder as far as that goes, its lock last: what a kill leaves can be cleared."""
    with suppress(OSError):
        for path in sorted(private.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink()
        if all(path.name == LOCK for path in private.iterdir()):
            (private / LOCK).unlink(missing_ok=True)
            private.rmdir()


def clear_abandoned(parent: Path) -> None:
    """Remove what `abandoned` yields."""
    for _ in abandoned(parent):
        pass


def left_by_others(parent: Path) -> list[str]:
    """Say which private folders runs of this user on this machine never remove, a line each."""
    lines = []
    for private in sorted(parent.glob(f"{PRIVATE}*")):
        machine, whose = _machine_of(private), "another user"
        if machine == _machine():
            try:
                os.close(os.open(private / LOCK, os.O_RDWR))
                continue
            except FileNotFoundError:
                if not private.is_dir() or os.access(
                    private, os.W_OK | os.X_OK, effective_ids=True
                ):
                    continue
            except OSError:
                pass
        else:
            whose = machine or "another graben"
        lines.append(
            f"{private}: a run of {whose} writes there or was killed; in the latter case remove it"
        )
    return lines


def _machine() -> str:
    """Return the name of this machine, as it can stand in a file's name."""
    return re.sub(r"[^\w.-]", "_", socket.gethostname())[:64] or "_"


def _machine_of(private: Path) -> str | None:
    """Return the machine that a private folder goes with; None where its name tells none."""
    found = _NAME.fullmatch(private.name)
    return found["machine"] if found else None


def _made(parent: Path) -> tuple[Path, int]:
    """Make a private folder; return it with the descriptor of its lock."""
    while True:
        private = parent / f"{PRIVATE}{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
        private.mkdir()  # not by `tempfile`, which would keep those out who share the survey
        with suppress(FileNotFoundError):
            descriptor = os.open(private / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                (private / LOCK).stat()
            except BaseException:
                os.close(descriptor)
                _remove(private)
                raise
            return private, descriptor
        # Another run took it for an abandoned one before it was locked.


def _opened(folder: Path) -> int:
    """Return a descriptor of a folder's lock; whoever may write into the folder may hold it."""
    path = folder / LOCK
    if not path.exists():
        _make_lock(path)
    try:
        return os.open(path, os.O_RDWR)
    except PermissionError as error:
        raise ProjectError(
            path,
            f"this lock of graben's cannot be opened for writing ({error.strerror})",
            "Have its owner allow that, or remove it while no run of graben is at work there.",
        ) from None


def _make_lock(path: Path) -> None:
    """Make a folder's lock; it appears with the access that the folder gives, named users included."""
    with private_folder(path.parent) as private:
        made = private / path.name.removeprefix(".")
        made.touch()
        take_access(made, path.parent)
        # Of a folder that others may write into, whoever made its table; a file needs no more than this.
        with suppress(OSError):
            made.chmod(stat.S_IMODE(path.parent.stat().st_mode) & 0o666)
        try:
            os.link(made, path)
        except FileExistsError:  # another run was quicker
            pass
        except OSError:  # no hard links there, and then no access lists either
            path.touch(exist_ok=True)
            take_access(path, made)


@contextmanager
def _errors_of(folder: Path) -> Iterator[None]:
    """Turn what the system says of a place where nothing can be written or locked into one line."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise
        reason = error.strerror or str(error)
        if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            what = f"its file system has no locks, which keep runs apart ({reason})"
            raise ProjectError(
                folder, what, "Mount it with locks, or name another place."
            ) from None
        raise ProjectError(
            folder,
            f"nothing can be written there ({reason})",
            "Allow writing there, or name another place.",
        ) from None
