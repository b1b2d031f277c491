"""The slot "Python IDE Command" of OpendTect's Python settings: what is in it becomes a toolbar button.

All other lines stay byte for byte. What the slot held goes to a copy beside the settings first, so that
it can be put back, as it was, at any time, whatever OpendTect wrote to the other lines meanwhile.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.locations import whole_file
from storage.opendtect.text import END, head_of, line_of, pair_of, parse_text, to_bytes

SLOT = "PythonIDE."
KIND = "Default settings"
"""What OpendTect calls settings; it takes a file of another kind for a broken one."""

COPY = ".before-graben"


@dataclass(frozen=True, slots=True)
class Button:
    """What is in the slot.

    Attributes
    ----------
    command
        An executable file; it gets no arguments.
    tooltip
        What the pointer shows, and what the menu entry is called after.
    icon
        A PNG file.
    """

    command: str
    tooltip: str
    icon: str

    @property
    def lines(self) -> str:
        """What stands in the settings."""
        pairs = (("Command", self.command), ("ToolTip", self.tooltip), ("IconFile", self.icon))
        return "".join(line_of(SLOT + key, value) for key, value in pairs)


def slot_of(path: Path) -> dict[str, str]:
    """Return what a settings file has in the slot, by key; nothing where there is no file.

    Raises
    ------
    ProjectError
        If it is no settings file.
    """
    if not path.exists():
        return {}
    return {key: value for key, value in map(pair_of, _slot(_content(path))) if value}


def copy_of(path: Path) -> Path:
    """Return where settings are kept as they were before the button."""
    return path.with_name(path.name + COPY)


def in_words(slot: dict[str, str]) -> str:
    """Return what is in a slot, for people."""
    # A program that OpendTect knows stands there by its name alone, and it comes before a command.
    what = slot.get(SLOT + "ExeName") or slot.get(SLOT + "Command")
    return what or "nothing"


def install(path: Path, button: Button) -> None:
    """Put a button into the slot; the settings as they were go to a copy first.

    A button of the same command takes the place of itself, and the copy stays.

    Raises
    ------
    ProjectError
        If the file is no settings file.
    """
    before = _content(path) if path.exists() else None
    copy = copy_of(path)
    if slot_of(path).get(SLOT + "Command") != button.command:
        copy.unlink(missing_ok=True)  # without one there were no settings
        if before is not None:
            _write(copy, before)
    _write(path, _with(before, button))


def uninstall(path: Path, button: Button) -> bool:
    """Put back what was in the slot before; return whether the button was there.

    A slot that somebody filled otherwise since then stays as it is, and so does the copy. Where nothing else
    was changed, the file is the same, byte for byte, or is gone again.

    Raises
    ------
    ProjectError
        If the file is no settings file.
    """
    if slot_of(path).get(SLOT + "Command") != button.command:
        return False
    copy = copy_of(path)
    _put_back(path, _content(copy) if copy.exists() else None, button)
    copy.unlink(missing_ok=True)
    return True


def _put_back(path: Path, before: str | None, button: Button) -> None:
    now = _content(path)
    bare = not parse_text(_replaced(now, []), path).paragraphs
    if before is None and bare:
        path.unlink()  # there was none, and nobody has put anything else into it
    elif before is not None and (now == _with(before, button) or (bare and not before)):
        _write(path, before)
    else:
        _write(path, _replaced(now, _slot(before or "")))


def _with(before: str | None, button: Button) -> str:
    """Return the settings with the button in the slot; OpendTect fills empty ones as if there were none."""
    if not before:
        return head_of(KIND) + button.lines + f"{END}\n"
    return _replaced(before, _lines(button.lines))


def _replaced(content: str, slot: Sequence[str]) -> str:
    """Return the settings with other lines in the slot, where the old ones began or else at the end."""
    lines = _lines(content)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    new = [line.rstrip("\r\n") + ending for line in slot]
    first = next((k for k, line in enumerate(lines) if line.startswith(SLOT)), None)
    kept = [line for line in lines if not line.startswith(SLOT)]
    if first is None:
        ends = [k for k, line in enumerate(kept) if line.startswith(END)]
        first = ends[-1] if len(ends) > 1 else len(kept)  # the first end is that of the head
        if first and not kept[first - 1].endswith("\n"):
            kept[first - 1] += ending
    return "".join([*kept[:first], *new, *kept[first:]])


def _slot(content: str) -> list[str]:
    return [line for line in _lines(content) if line.startswith(SLOT)]


def _lines(content: str) -> list[str]:
    """Return the lines with their ends; nothing but a newline ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", content)


def _content(path: Path) -> str:
    """Return the text of a settings file, newlines as they are."""
    content = path.read_bytes().decode("utf-8", "surrogateescape")
    if content:
        parse_text(content, path, KIND)
    return content


def _write(path: Path, content: str) -> None:
    with whole_file(path) as part:
        part.write_bytes(to_bytes(content))
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
