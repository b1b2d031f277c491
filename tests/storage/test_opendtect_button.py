"""The slot of OpendTect's Python settings: what was there comes back, whatever else is written meanwhile."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import ProjectError
from storage.opendtect import buttons
from storage.opendtect.buttons import COPY, Button, in_words, install, slot_of, uninstall

BUTTON = Button("/home/me/.od/graben/faults.sh", "Faults (graben)", "/home/me/.od/graben/icon.png")
HEAD = "dTect V8.0.0\nDefault settings\nWed Nov 25 12:00:00 2026\n!\n"

KEYS = st.sampled_from(
    [
        "Python Source",
        "Custom Environment Root",
        "PythonTerm.Command",
        "Python Path.0",
        "Odd\\: key",
    ]
)
SLOT_KEYS = st.sampled_from(
    ["PythonIDE.Command", "PythonIDE.ExeName", "PythonIDE.ToolTip", "PythonIDE.IconFile"]
)
VALUES = st.text(
    st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]), max_size=20
)
LINES = st.lists(
    st.one_of(
        st.builds("{}: {}".format, st.one_of(KEYS, SLOT_KEYS), VALUES),
        st.just(""),
        st.just("-- a comment"),
        st.just("!"),
    ),
    max_size=12,
)


@st.composite
def settings_files(draw: st.DrawFn) -> bytes:
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    text = HEAD + "\n".join(draw(LINES)) + draw(st.sampled_from(["\n!\n", "\n", ""]))
    return text.replace("\n", ending).encode()


def others(content: bytes) -> list[bytes]:
    return [line for line in content.split(b"\n") if not line.startswith(b"PythonIDE.")]


@given(settings_files())
def test_a_button_that_is_taken_away_leaves_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, before: bytes
) -> None:
    path = tmp_path_factory.mktemp("od") / "settings_python"
    path.write_bytes(before)
    install(path, BUTTON)
    assert slot_of(path) == {
        "PythonIDE.Command": BUTTON.command,
        "PythonIDE.ToolTip": BUTTON.tooltip,
        "PythonIDE.IconFile": BUTTON.icon,
    }
    assert path.with_name(path.name + COPY).read_bytes() == before
    install(path, BUTTON)
    assert uninstall(path, BUTTON)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert not uninstall(path, BUTTON)
    assert path.read_bytes() == before


@given(settings_files())
def test_all_other_lines_stay_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, before: bytes
) -> None:
    path = tmp_path_factory.mktemp("od") / "settings_python"
    path.write_bytes(before)
    install(path, BUTTON)
    kept = [line for line in others(before) if line.strip()]
    assert [line for line in others(path.read_bytes()) if line.strip()] == kept


def test_what_opendtect_writes_meanwhile_stays_and_the_slot_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "settings_python"
    path.write_text(HEAD + "PythonIDE.ExeName: spyder\nPython Source: System\n!\n")
    install(path, BUTTON)
    assert "ExeName" not in path.read_text()  # it would come before our command
    path.write_text(path.read_text().replace("System", "Custom"))
    assert uninstall(path, BUTTON)
    assert sorted(path.read_text().splitlines()[4:]) == [
        "!",
        "Python Source: Custom",
        "PythonIDE.ExeName: spyder",
    ]


def test_a_slot_that_somebody_filled_since_then_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings_python"
    install(path, BUTTON)
    other = path.read_text().replace(BUTTON.command, "/usr/bin/other")
    path.write_text(other)
    assert not uninstall(path, BUTTON)
    assert path.read_text() == other
    assert in_words(slot_of(path)) == "/usr/bin/other"


def test_settings_that_were_not_there_are_gone_again(tmp_path: Path) -> None:
    path = tmp_path / "settings_python"
    install(path, BUTTON)
    assert path.read_text().splitlines()[1] == "Default settings"
    uninstall(path, BUTTON)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"#!/bin/sh\n", b"dTect V8\nSurvey Info\nx\n!\n", b"\x00" * 64]
)
def test_what_are_no_settings_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings_python"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match="settings_python"):
        install(path, BUTTON)
    assert path.read_bytes() == content


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_at(monkeypatch: pytest.MonkeyPatch, number: int, work: Callable[[], object]) -> bool:
    """Do the work until the write of this number; tell whether it was cut off."""
    left = [number]
    write = buttons._write

    def cut_off(path: Path, content: str) -> None:
        if left[0] == 0:
            path.with_name(path.name + ".part").write_bytes(b"half")
            raise Killed
        left[0] -= 1
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(buttons, "_write", cut_off)
        try:
            work()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("step", [install, uninstall])
def test_a_kill_leaves_valid_settings_and_the_way_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    step: Callable[[Path, Button], object],
) -> None:
    path = tmp_path / "settings_python"
    before = (HEAD + "PythonIDE.ExeName: spyder\nPython Source: System\n!\n").encode()
    path.write_bytes(before)
    if step is uninstall:
        install(path, BUTTON)
    killed_at(monkeypatch, number, lambda: step(path, BUTTON))
    assert slot_of(path)  # it can be read
    install(path, BUTTON)
    uninstall(path, BUTTON)
    assert path.read_bytes() == before


def test_the_mode_of_the_settings_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings_python"
    path.write_text(HEAD + "!\n")
    path.chmod(0o600)
    install(path, BUTTON)
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.access(path, os.W_OK)
