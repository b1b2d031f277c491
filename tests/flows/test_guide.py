"""What docs/opendtect.md and README.md tell people to type is what the command line takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from flows.__main__ import command_line

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/opendtect.md")
TYPED = re.compile(r"^    (?:\.venv/bin/)?(graben (?:\\\n|[^\n])+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


def commands_of(page: str) -> list[str]:
    """Return the commands in the indented blocks of a page; what the terminal answers is not among them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [each.replace("\\\n", " ") for each in TYPED.findall(text)]


TYPED_IN = [(page, line) for page in PAGES for line in commands_of(page)]


@pytest.mark.parametrize(("page", "line"), TYPED_IN, ids=[line for _, line in TYPED_IN])
def test_a_command_of_the_pages_is_one(page: str, line: str) -> None:
    command = typer.main.get_command(command_line())
    words = shlex.split(line, comments=True)[1:]
    if words == ["--help"]:
        return
    while subcommands := getattr(command, "commands", None):
        assert words[0] in subcommands, f"{page}: {line}"
        command, words = subcommands[words[0]], words[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert used <= known, f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_pages_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for file, place in LINK.findall(path.read_text(encoding="utf-8")):
        target = path.parent / file if file else path
        assert target.exists(), f"{page}: {file}"
        if place:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert place[1:] in anchors, f"{page}: {place}"
