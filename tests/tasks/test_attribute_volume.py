"""The amplitudes of a volume are measured in bounded memory, whatever its lines are like."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.geometry import Region
from storage.tile_cache import TileCache
from tasks.attribute_volume import READ_BYTES, AttributeVolume
from tasks.section_source import OpenVolume

SAMPLE_BYTES = 4


@pytest.mark.parametrize(
    ("shape", "reads"),
    [
        ((70, 4, 5), 1),
        ((9, 1500, 3000), 3),  # three lines and a bit fit
        ((2, 5000, 4000), 2),  # not one does
    ],
)
def test_the_scale_reads_each_line_once_and_few_at_a_time(
    tmp_path: Path, shape: tuple[int, int, int], reads: int
) -> None:
    asked: list[tuple[int, int]] = []

    def read(region: Region) -> NDArray[np.float32]:
        inlines, *others = region
        assert others == [slice(0, n) for n in shape[1:]]
        asked.append((inlines.start, inlines.stop))
        count = inlines.stop - inlines.start
        assert count == 1 or count * shape[1] * shape[2] * SAMPLE_BYTES <= READ_BYTES
        return np.full((1, 7), 3.0, np.float32)  # what it reads is not looked at here

    geometry = cast(Any, SimpleNamespace(shape=shape))
    volume = AttributeVolume(
        volume=OpenVolume(geometry, read, None),
        identity="it",
        networks=cast(Any, None),
        seen="volume",
        cache=TileCache(tmp_path, 1 << 20),
        threads=1,
        say=lambda _: None,
    )
    assert volume.scale.spread > 0
    assert len(asked) == reads
    assert [first for first, _ in asked] == [0, *(last for _, last in asked[:-1])]
    assert asked[-1][1] == shape[0]
