"""OpendTect's button is put where OpendTect looks, and taken away without anything of somebody else's."""

from pathlib import Path

import pytest

from flows.__main__ import COMPLETE, run
from flows.settings.environment import opendtect_user, settings_doubt
from storage.opendtect.buttons import COPY

BEFORE = (
    "dTect V8.0.0\nDefault settings\nWed Nov 25 12:00:00 2026\n!\nPythonIDE.ExeName: spyder\n!\n"
)
VARIABLES = ("DTECT_SETTINGS", "DTECT_HOME", "DTECT_PERSONAL_DIR", "DTECT_USER", "HOME")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Folders of settings by the variable that names them; none of the variables is set but the last."""
    home = tmp_path / "home"
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    found = {
        "DTECT_SETTINGS": tmp_path / "settings",
        "DTECT_HOME": tmp_path / "other home" / ".od",
        "DTECT_PERSONAL_DIR": tmp_path / "personal",
        "HOME": home / ".od",
    }
    for folder in found.values():
        folder.mkdir(parents=True)
        (folder / "settings_python").write_text(BEFORE)
    return found


def named(name: str, folder: Path) -> str:
    return str(folder.parent if name == "DTECT_HOME" else folder)


def test_settings_are_where_opendtect_itself_looks_first(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opendtect_user().folder == folders["HOME"]
    for name in ("DTECT_PERSONAL_DIR", "DTECT_HOME", "DTECT_SETTINGS"):  # the later, the stronger
        monkeypatch.setenv(name, named(name, folders[name]))
        assert opendtect_user().folder == folders[name]
    for name in ("DTECT_SETTINGS", "DTECT_HOME"):
        monkeypatch.setenv(name, "")
    assert opendtect_user().folder == folders["DTECT_PERSONAL_DIR"]


@pytest.mark.parametrize("own", ["DTECT_SETTINGS", "DTECT_HOME", "HOME"])
def test_variables_that_disagree_are_told_with_the_folder_that_is_taken(
    folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    own: str,
) -> None:
    if own != "HOME":
        monkeypatch.setenv(own, named(own, folders[own]))
    assert settings_doubt() is None
    assert run(["opendtect", "install-button", "--yes"]) == COMPLETE
    assert "DTECT_PERSONAL_DIR" not in "".join(capsys.readouterr())
    monkeypatch.setenv("DTECT_PERSONAL_DIR", str(folders[own]))
    assert settings_doubt() is None
    monkeypatch.setenv("DTECT_PERSONAL_DIR", str(folders["DTECT_PERSONAL_DIR"]))
    taken = folders["DTECT_PERSONAL_DIR" if own == "HOME" else own]
    assert run(["opendtect", "install-button", "--yes"]) == COMPLETE
    said = "".join(capsys.readouterr())
    assert f"OpendTect looks for its settings in {folders[own]}" in said
    assert f"{taken} is taken" in said
    assert "graben" in (taken / "settings_python").read_text()


def test_what_was_there_before_is_kept_where_nothing_was_put_back(
    folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folders["HOME"] / "settings_python"
    copy = settings.with_name(settings.name + COPY)
    assert run(["opendtect", "install-button", "--yes"]) == COMPLETE
    settings.write_text(BEFORE.replace("spyder", "idle"))  # somebody fills the slot
    capsys.readouterr()
    assert run(["opendtect", "uninstall-button", "--yes"]) == COMPLETE
    said = "".join(capsys.readouterr())
    assert copy.read_text() == BEFORE
    assert str(copy) in said
    assert "idle" in settings.read_text()


def test_only_files_of_ours_go(
    folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, settings = folders["HOME"] / "graben", folders["HOME"] / "settings_python"
    assert run(["opendtect", "install-button", "--yes"]) == COMPLETE
    assert len(list(folder.iterdir())) == 2
    own = folder / "my notes.txt"
    own.write_text("mine")
    assert run(["opendtect", "uninstall-button", "--yes"]) == COMPLETE
    assert list(folder.iterdir()) == [own]
    assert own.read_text() == "mine"
    assert settings.read_text() == BEFORE
    own.unlink()
    assert run(["opendtect", "install-button", "--yes"]) == COMPLETE
    assert run(["opendtect", "uninstall-button", "--yes"]) == COMPLETE
    assert not folder.exists()
    assert "holds spyder again" in "".join(capsys.readouterr())
