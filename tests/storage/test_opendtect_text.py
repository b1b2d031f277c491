"""OpendTect's text form: what is written comes back, what others wrote is understood."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import ProjectError
from storage.opendtect.text import (
    listed,
    parse_text,
    read_text,
    text_of,
    unlisted,
    write_content,
)

# What a key or a value may hold: no blanks around it, no sign that begins another kind of line.
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1
).filter(lambda text: text == text.strip() and text[0] not in "!-")
values = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")).filter(
    lambda text: text == text.strip() and "#-NL-#" not in text
)
paragraphs = st.lists(st.lists(st.tuples(words, values), min_size=1), max_size=4)


@given(paragraphs)
def test_keys_and_values_come_back_whatever_colons_and_newlines_they_hold(
    content: list[list[tuple[str, str]]],
) -> None:
    text = text_of("Things", *content)
    found = parse_text(text, "here", "Things")
    assert [list(each) for each in found.paragraphs] == content
    assert found.version.startswith("dTect")


def test_comments_blank_lines_and_foreign_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some"
    path.write_bytes(
        b"dTect V4.6\r\nThings\r\nThu May 6\r\n!\r\n\r\n-- a remark\r\n"
        b"A\tb\t:  c d \r\nE\\:f: g#-NL-#h\r\n!x\r\n"
    )
    found = read_text(path)
    assert found.kind == "Things"
    assert found.paragraphs == ((("A\tb", "c d"), ("E:f", "g\nh")),)


@given(st.binary())
def test_any_bytes_are_a_text_or_one_line(content: bytes) -> None:
    for head in (b"", b"dTect V1\nThings\n"):
        text = (head + content).decode("utf-8", "surrogateescape")
        try:
            parse_text(text, "here")
        except ProjectError as error:
            assert "\n" not in str(error)  # noqa: PT017 - most examples raise, some do not


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    content = b"dTect V1\nThings\nx\n!\nName: \xff\xfe caf\xe9\n!\n"
    (tmp_path / "a").write_bytes(content)
    write_content(tmp_path / "b", (tmp_path / "a").read_bytes().decode("utf-8", "surrogateescape"))
    assert (tmp_path / "b").read_bytes() == content


def test_numbers_of_a_list_come_back_exactly() -> None:
    numbers = [455_000.123_456_789, -1e-9, 1e30, 3]
    assert [float(part) for part in unlisted(listed(*numbers))] == numbers


def test_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    write_content(tmp_path / "w", text_of("Well", [("a", 1)]))
    with pytest.raises(ProjectError, match="it is a 'Well', not a 'Survey Info'"):
        read_text(tmp_path / "w", "Survey Info")
    with pytest.raises(ProjectError, match="No such file"):
        read_text(tmp_path / "none")


def test_every_template_of_opendtect_is_understood(shared_data: Path) -> None:
    folder = shared_data / "opendtect" / "BasicSurvey"
    found = {
        str(path.relative_to(folder)): read_text(path)
        for path in sorted(folder.rglob(".*"))
        if path.is_file()
    }
    kinds = {name: each.kind for name, each in found.items()}
    table = "Object Management file"
    assert kinds == {
        ".defs": "Survey defaults",
        ".omf": table,
        ".survey": "Survey Info",
        "Geometry/.omf": table,
        "Seismics/.omf": table,
        "Surfaces/.omf": table,
    }
    assert found[".survey"].paragraphs == (
        (("Coord-X-BinID", "0`1`0"), ("Coord-Y-BinID", "0`0`1")),
    )
    root = dict(pair for paragraph in found[".omf"].paragraphs for pair in paragraph)
    assert root["ID"] == "0"
    assert root["@100010"] == "Seismics"
    assert root["$Name"] == ".survey"
    assert len([key for key in root if key.startswith("@")]) == 10
