"""What a report shows of a run: its busiest slices and its facts."""

from pathlib import Path

import numpy as np

from storage.volume import geometry_of
from tasks.summary import busiest_slices, facts_of
from tests.tasks.volume_runs import probability


def test_the_busiest_slices_are_those_with_the_most_faulty_samples(clean: Path) -> None:
    faulty = probability(clean) >= 0.5
    geometry = geometry_of(clean / "faults.zarr")
    labels = (geometry.inlines, geometry.crosslines, geometry.samples.values())
    slices = busiest_slices(clean / "volume.zarr", clean / "faults.zarr")
    for axis, (found, name) in enumerate(zip(slices, ("Inline", "Crossline", "Twt"), strict=True)):
        counts = faulty.sum(axis=tuple(i for i in range(3) if i != axis))
        assert found.title.split()[:2] == [name, f"{labels[axis][counts.argmax()]:g}"]
        expected = np.take(probability(clean), counts.argmax(), axis).T
        np.testing.assert_array_equal(found.probability, expected)
        np.testing.assert_array_equal(np.isnan(found.amplitude), np.isnan(expected))
    facts = facts_of(geometry, clean / "faults.zarr")
    assert facts["traces"] == int(geometry.live_mask.sum())
    assert str(facts["faulty samples"]).startswith(f"{faulty.sum()} (")
