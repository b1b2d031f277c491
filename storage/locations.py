"""Where files and stores lie, on local disks or in object storage, and how a final file appears: whole.

A location is a path, or the URL of an object, which stays text; fsspec, which reaches objects, is loaded
for URLs alone. A local file appears by rename; an object is never half there.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Location = Path | str

ACCESS_LISTS = ("system.posix_acl_access", "system.nfs4_acl")
"""Extended attributes that say who may do what; others, such as labels of security, are the system's."""


def is_remote(location: Location) -> bool:
    """Tell a URL from a path."""
    return "://" in str(location)


def within(location: Location, *names: str) -> Location:
    """Return what lies under a location."""
    if isinstance(location, Path):
        return location.joinpath(*names)
    return "/".join([location.rstrip("/"), *names])


def beside(location: Location, suffix: str) -> Location:
    """Return the location whose name is longer by a suffix."""
    if isinstance(location, Path):
        return location.with_name(location.name + suffix)
    return location.rstrip("/") + suffix


def absolute(location: Location) -> Location:
    """Return the location for processes that have another working folder."""
    return location.absolute() if isinstance(location, Path) else location


def lies_in(location: Location, other: Location) -> bool:
    """Tell whether one location is the other or lies under it; links are followed."""
    if is_remote(location) or is_remote(other):
        return f"{location}/".startswith(f"{str(other).rstrip('/')}/")
    return Path(location).resolve().is_relative_to(Path(other).resolve())


def system_of(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it."""
    import fsspec  # takes a moment to load, and only URLs need it

    return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]


def exists(location: Location) -> bool:
    """Tell whether a file, folder or object is there."""
    if isinstance(location, Path):
        return location.exists()
    system, path = system_of(location)
    return bool(system.exists(path))


def is_occupied(location: Location) -> bool:
    """Tell whether a file is there, or a folder with something in it."""
    if isinstance(location, Path):
        return location.is_file() or (location.is_dir() and any(location.iterdir()))
    return exists(location)


def remove(location: Location) -> None:
    """Remove a file or a whole folder, if it is there."""
    if isinstance(location, Path):
        if location.is_dir():
            shutil.rmtree(location)
        else:
            location.unlink(missing_ok=True)
        return
    system, path = system_of(location)
    if system.exists(path):
        system.rm(path, recursive=True)
    system.invalidate_cache()


def copy_tree(source: Location, target: Location, *, leave: Sequence[str]) -> None:
    """Copy a folder into another; entries of the given names are left out."""
    if isinstance(source, Path) and isinstance(target, Path):
        ignore = shutil.ignore_patterns(*leave)
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignore)
        return
    system, root = system_of(str(source))
    for path in system.find(root):
        names = path[len(root) :].strip("/").split("/")
        if not set(names) & set(leave):
            write_whole(within(target, *names), [system.cat_file(path)])


def read_whole(location: Location) -> bytes:
    """Return the bytes of a file."""
    if isinstance(location, Path):
        return location.read_bytes()
    system, path = system_of(location)
    return bytes(system.cat_file(path))


def write_whole(location: Location, parts: Sequence[bytes]) -> None:
    """Write a file from its parts; it appears whole, with the folders above it."""
    if isinstance(location, Path):
        location.parent.mkdir(parents=True, exist_ok=True)
        partial = location.with_name(location.name + ".partial")
        with partial.open(
            "wb"
        ) as file:  # buffered: a short write of a full disk is an error there
            for part in parts:
                file.write(part)
        partial.replace(location)
        return
    system, path = system_of(location)
    system.pipe_file(path, b"".join(parts))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; on success it takes the name, on error it goes.

    The file is flushed to the disk before the rename, so that a crash leaves the old file or the
    new one, never half of one.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def take_access(part: Path, path: Path) -> None:
    """Give a file the mode and access list of another, and its owner and group as far as this user may."""
    found = path.stat()
    # Each as far as it goes: containers and mounts have owners, groups and labels that nobody can give.
    for owner, group in ((-1, found.st_gid), (found.st_uid, -1)):
        with suppress(OSError):
            os.chown(part, owner, group)
    with suppress(OSError):
        part.chmod(stat.S_IMODE(found.st_mode))
    for name in ACCESS_LISTS:
        with suppress(OSError):
            os.setxattr(part, name, os.getxattr(path, name))
    os.utime(part)  # whoever watches the file has to see that it changed


def write_text(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
