"""What a sheet of examples shows: sections with their labels, a spectrum, shares and throws."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.examples import ExampleStore

SHOWN = 12
"""Examples on a sheet: the first of the store."""

LOOKED_AT = 48
"""Examples that the statistics are of, spread over the store."""

ON_FAULT = 1.0
"""Samples from a fault that count as on it, as in the labels."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ShownExample:
    """The middle section of one example.

    Attributes
    ----------
    title
        Its number, and the share of its samples on faults.
    amplitude, on_fault, unknown
        Shape (twt, inline); where a fault is labelled, and where the label is not to be trusted.
    """

    title: str
    amplitude: Samples
    on_fault: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ExampleSheet:
    """Sections and statistics of a store of examples.

    Attributes
    ----------
    examples
        The first of the store.
    fault_shares
        Share of samples on faults, one an example looked at.
    frequencies, spectrum
        Mean amplitude spectrum, cycles per sample.
    throws, dips_deg
        On faults, where the store holds them; else empty.
    facts
        Name and value, for a table.
    """

    examples: list[ShownExample]
    fault_shares: list[float]
    frequencies: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    throws: Samples
    dips_deg: Samples
    facts: dict[str, object]


def example_sheet(path: Path) -> ExampleSheet:
    """Return what a sheet shows of a complete store."""
    store = ExampleStore(path)
    chosen = np.unique(np.linspace(0, len(store) - 1, min(LOOKED_AT, len(store))).astype(int))
    shares, spectra, deviations, throws, dips = [], [], [], [], []
    for index in chosen:
        example, truth = store.read(int(index)), store.read_truth(int(index))
        on_fault = example.fault_distance <= ON_FAULT
        shares.append(float(on_fault.mean()))
        deviations.append(float(example.amplitude.std()))
        tapered = example.amplitude * np.hanning(store.size[2])
        spectra.append(np.abs(np.fft.rfft(tapered, axis=2)).mean(axis=(0, 1)))
        if truth:
            throws.append(truth["throw"][on_fault][::97])
            dips.append(truth["dip_deg"][on_fault][::97])
    facts = {
        "examples": len(store),
        "samples": " x ".join(map(str, store.size)),
        "recipe": ", ".join(f"{name} {value}" for name, value in store.recipe.items()),
        "statistics of": f"{len(chosen)} examples",
        "samples on faults": f"mean {np.mean(shares):.2%}, {min(shares):.2%} to {max(shares):.2%}",
        "examples without a fault": sum(share == 0 for share in shares),
        "deviation of amplitudes": f"{min(deviations):.2f} to {max(deviations):.2f}",
    }
    nothing = np.empty(0, np.float32)
    return ExampleSheet(
        [_shown(store, index) for index in range(min(SHOWN, len(store)))],
        shares,
        np.asarray(np.fft.rfftfreq(store.size[2]), dtype=np.float64),
        np.asarray(np.mean(spectra, axis=0), dtype=np.float64),
        np.concatenate(throws) if throws else nothing,
        np.concatenate(dips) if dips else nothing,
        facts,
    )


def _shown(store: ExampleStore, index: int) -> ShownExample:
    example = store.read(index)
    section = (slice(None), store.size[1] // 2)
    on_fault = example.fault_distance <= ON_FAULT
    known = np.ones_like(on_fault) if example.known is None else example.known
    return ShownExample(
        f"{index}: {on_fault.mean():.1%}",
        example.amplitude[section].T,
        on_fault[section].T,
        ~known[section].T,
    )
