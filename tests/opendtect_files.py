"""Readers of OpendTect's files, written from their description alone: they share nothing with the product."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


def body(path: Path, kind: str) -> list[str]:
    """Return the lines behind the head."""
    lines = path.read_text().split("\n")
    assert re.match(r"dTect V\d", lines[0])
    assert lines[1] == kind
    assert lines[3] == "!"
    return [line for line in lines[4:] if line]


def pairs(lines: list[str]) -> dict[str, str]:
    """Return keys and values up to the end of the paragraph."""
    found = {}
    for line in lines:
        if line.startswith("!"):
            break
        key, value = re.fullmatch(r"((?:[^:\\]|\\.)*):\s*(.*)", line).groups()  # type: ignore[union-attr]
        found[key.replace("\\:", ":")] = value
    return found


def behind(lines: list[str]) -> list[str]:
    """Return the lines behind the end of the first paragraph."""
    at = next(i for i, line in enumerate(lines) if line.startswith("!"))
    return lines[at + 1 :]


def numbers(text: str) -> list[float]:
    return [float(part) for part in re.split(r"[`\t]", text)]


@dataclass
class Object:
    name: str
    number: int
    group: str
    translator: str
    path: Path
    keys: dict[str, str]


def table(folder: Path) -> list[Object]:
    """Return what the object table of a data folder lists beside the folder itself."""
    lines, found = body(folder / ".omf", "Object Management file"), []
    ids = {
        "Seismics": 100010,
        "Surfaces": 100020,
        "Locations": 100030,
        "WellInfo": 100050,
        "Misc": 100070,
    }
    assert re.fullmatch(rf"ID: {ids[folder.name]}(`\d+)?", lines[0])
    paragraphs = "\n".join(lines).split("\n!")
    assert paragraphs[-1] == "", "the last paragraph has its end"
    for text in paragraphs[1:-1]:
        rows = [line for line in text.split("\n") if line and not line.startswith("--")]
        if len(rows) < 3:
            continue
        (name, number), (group, translator), (file_key, file) = (
            re.fullmatch(r"((?:[^:\\]|\\.)*): (.*)", row).groups()  # type: ignore[union-attr]
            for row in rows[:3]
        )
        assert file_key == "$Name"
        reader, how = translator.split("`")
        assert how == "Stream"
        if number == "1":
            continue
        assert all(row.startswith("#") for row in rows[3:])
        keys = pairs([row[1:] for row in rows[3:]])
        found.append(
            Object(name.replace("\\:", ":"), int(number), group, reader, folder / file, keys)
        )
    assert len({each.number for each in found}) == len(found)
    assert all(each.number >= 2 for each in found)
    assert len({(each.group, each.name) for each in found}) == len(found)
    return found


@dataclass
class SurveyInfo:
    inlines: list[float]
    crosslines: list[float]
    z: list[float]
    unit: str
    x: list[float]
    y: list[float]
    points: list[tuple[float, ...]]
    values: dict[str, str]

    def place(self, inline: float, crossline: float) -> tuple[float, float]:
        return tuple(c[0] + c[1] * inline + c[2] * crossline for c in (self.x, self.y))  # type: ignore[return-value]


def point(text: str) -> tuple[float, ...]:
    """Return inline, crossline, X and Y."""
    match = re.fullmatch(r"(\S+)/(\S+)`\((\S+),(\S+)\)", text)
    assert match
    return tuple(map(float, match.groups()))


def survey(folder: Path) -> SurveyInfo:
    """Read a survey folder's .survey, and check what a survey folder has."""
    root = body(folder / ".omf", "Object Management file")
    assert root[0] == "ID: 0"
    listed = dict(re.findall(r"@(\d+): (\w+)", "\n".join(root)))
    assert listed["100010"] == "Seismics"
    assert root[-4:-1] == ["Survey root: 1", "Survey Info: dGB`Stream", "$Name: .survey"]
    for name in listed.values():
        assert (folder / name / ".omf").is_file()
    data_root = body(folder.parent / ".omf", "Object Management file")
    assert data_root[0] == "ID: -1"
    assert data_root[2:5] == ["Appl dir: 1", "Appl: dGB`Stream", "$Name: appl"]
    values = pairs(body(folder / ".survey", "Survey Info"))
    *z, unit = values["Z range"].split("`")
    points = [point(values[f"Set Point.{n}"]) for n in (1, 2, 3)]
    return SurveyInfo(
        numbers(values["In-line range"]),
        numbers(values["Cross-line range"]),
        [float(each) for each in z],
        unit,
        numbers(values["Coord-X-BinID"]),
        numbers(values["Coord-Y-BinID"]),
        points,
        values,
    )


DATA_CODES = {
    0x12: "<f4",
    0x13: "<f8",
    0x18: "<i1",
    0x08: "<u1",
    0x19: "<i2",
    0x09: "<u2",
    0x1A: "<i4",
}


@dataclass
class Cube:
    names: list[str]
    first: tuple[int, int]
    last: tuple[int, int]
    step: tuple[int, int]
    z: tuple[float, float, int]
    samples: dict[tuple[int, int], np.ndarray]


def cbvs(path: Path) -> Cube:
    """Read a little-endian CBVS file without values beside its samples."""
    data = path.read_bytes()
    assert data[:8] == b"dGB\x01\x02\x00\x02\x00"
    at = 16

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    def text() -> str:
        nonlocal at
        (length,) = take("i")
        at += length
        return data[at - length : at].decode()

    text()
    names, types, axes = [], [], []
    for _ in range(take("i")[0]):
        names.append(text().rstrip("\0 "))
        take("i")
        codes = take("4B")
        assert codes[1] == 1
        types.append(DATA_CODES[codes[0]])
        axes.append(take("ffi"))
        take("ff")
    regular, per_place = take("ii")
    assert per_place == 1
    first, last, step = take("ii"), take("ii"), take("ii")
    take("6d")
    take("i")
    text()
    assert data[-4:] == b"\x01BGd"
    (size,) = struct.unpack("<i", data[-8:-4])
    if regular:
        places = [
            (inline, crossline)
            for inline in range(first[0], last[0] + 1, step[0])
            for crossline in range(first[1], last[1] + 1, step[1])
        ]
    else:
        places = _segments(data[len(data) - 8 - size : -8])
    samples = {}
    for place in places:
        parts = []
        for dtype, (_, _, count) in zip(types, axes, strict=True):
            part = np.frombuffer(data, dtype, count, at)
            at += part.nbytes
            parts.append(part)
        samples[place] = np.stack(parts)
    assert at == len(data) - 8 - (0 if regular else size)
    return Cube(names, first, last, step, axes[0], samples)


def _segments(data: bytes) -> list[tuple[int, int]]:
    words = np.frombuffer(data, "<i4").tolist()
    places, at = [], 1
    for _ in range(words[0]):
        inline, count = words[at : at + 2]
        at += 2
        for _ in range(count):
            first, last, step = words[at : at + 3]
            at += 3
            places += [(inline, crossline) for crossline in range(first, last + 1, step)]
    assert at == len(words)
    return places


def sticks(path: Path, kind: str) -> tuple[list[np.ndarray], dict[str, str]]:
    """Read a stick set or a fault, following its offsets; return knots and keys."""
    data = path.read_bytes()
    head = data[: data.index(b"!\n", data.index(b"Format version: 3\n")) + 2]
    assert head.split(b"\n")[1] == kind.encode()

    def words(at: int, end: int | None = None) -> list[bytes]:
        return data[at:end].split()

    def offset(at: int) -> int:
        assert re.fullmatch(rb"\d{20}\n", data[at : at + 21])
        return int(data[at : at + 20])

    end = offset(len(head))
    assert data[end : end + 2] == b"1\n"
    section = offset(end + 2)
    assert section == len(head) + 21
    assert data[end + 23 :].startswith(b"0\n!\n")
    line = data[section : data.index(b"\n", section) + 1]
    count, first_row = map(int, line.split(b"\t"))
    assert first_row == 0
    found = []
    for row in range(count):
        at = offset(section + len(line) + 21 * row)
        knots = int(words(at)[0])
        values = words(at)[2 : 2 + 3 * knots]
        found.append(np.array([float(each) for each in values]).reshape(-1, 3))
    return found, pairs(data[end + 27 :].decode().split("\n"))


def rows(lines: list[str]) -> np.ndarray:
    return np.array([[float(each) for each in line.split("\t")] for line in lines])


@dataclass
class WellFiles:
    info: dict[str, str]
    track: np.ndarray
    markers: list[tuple[str, float]]
    depth_time: np.ndarray | None


def well(path: Path) -> WellFiles:
    """Read a well with the files beside it."""
    lines = body(path, "Well")
    markers: list[tuple[str, float]] = []
    if path.with_suffix(".wlm").exists():
        found = pairs(body(path.with_suffix(".wlm"), "Well Markers"))
        count = sum(key.endswith(".Name") for key in found)
        for n in range(1, count + 1):
            assert found[f"{n}.Strat Level"] == "-1"
            assert len(numbers(found[f"{n}.Color"])) == 4
            markers.append((found[f"{n}.Name"], float(found[f"{n}.Depth along hole"])))
    depth_time = None
    if path.with_suffix(".wlt").exists():
        model = body(path.with_suffix(".wlt"), "Depth2Time Model")
        assert pairs(model)["Depth-Unit"] == pairs(lines)["Depth-Unit"]
        depth_time = rows(behind(model))
    return WellFiles(pairs(lines), rows(behind(lines)), markers, depth_time)


def points(path: Path) -> tuple[dict[str, str], list[tuple[str, list[float]]]]:
    """Read a point set."""
    lines = body(path, "PickSet Group")
    assert lines[-1] == "!"
    found = []
    for line in behind(lines)[:-1]:
        assert ":" not in line
        label, place = re.fullmatch(r'(?:"([^"]*)"\t)?(.*)', line).groups()  # type: ignore[union-attr]
        found.append((label or "", numbers(place)))
    return pairs(lines), found
