"""The doctor reads the head of a file as an ingest does, whatever else it makes of it."""

from pathlib import Path

import pytest

from storage.files import LocalFile
from storage.segy.doctor.head import head_of
from storage.segy.file_head import Reading, read_head
from tests.segy_parts import Variant, put
from tests.surveys import Form

FORMS = {
    "revision 1": Variant(),
    "little-endian": Variant(form=Form(order="little", revision=0x0100)),
    "texts": Variant(form=Form(texts=2)),
    "first trace": Variant(put(3521, 4000, "u8"), form=Form(revision=0x0200)),
    # Code 256 in one order, which does not exist, and 1 in the other; the mark tells where both exist.
    "marked": Variant(put(3297, 0x01020304, "i4"), form=Form(order="little", revision=0x0200)),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("reading", [Reading(), Reading(format_code=3), Reading(samples=7)])
def test_order_format_revision_and_first_trace_are_those_of_an_ingest(
    tmp_path: Path, name: str, reading: Reading
) -> None:
    file = LocalFile(str(FORMS[name].write(tmp_path / "a.sgy")))
    read = read_head("a.sgy", file, reading)
    found = head_of(read.raw, reading)
    assert (found.order, found.format_code, found.revision, found.width) == (
        read.order,
        read.format_code,
        read.revision,
        read.width,
    )
    assert found.first_traces(file.size)[0] == read.first
    file.close()


def test_a_mark_decides_the_order_where_a_format_is_named(tmp_path: Path) -> None:
    """The doctor once took the first order in which the stated format exists, whatever the mark says."""
    change = put(3225, 0x0100)
    marked = Variant(change, form=Form(order="little", revision=0x0200))
    raw = bytearray(marked.write(tmp_path / "a.sgy").read_bytes()[:3600])
    raw[3296:3300] = (0x01020304).to_bytes(4, "little")
    assert head_of(bytes(raw), Reading(format_code=5)).order == "little"


def test_a_format_that_does_not_exist_has_no_width(tmp_path: Path) -> None:
    raw = Variant(put(3225, 99)).write(tmp_path / "a.sgy").read_bytes()[:3600]
    assert (head_of(raw, Reading()).width, head_of(raw, Reading()).format_code) == (None, 99)
