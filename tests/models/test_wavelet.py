"""Wavelets: the Ricker's closed form, and bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.earth.wavelet import ricker, seismic_wavelet
from models.errors import ParameterError

frequencies = st.floats(0.03, 0.24)


@given(frequencies)
def test_a_ricker_wavelet_is_symmetric_peaks_at_one_and_has_almost_no_mean(
    peak_frequency: float,
) -> None:
    half = int(np.ceil(3 / peak_frequency))
    wavelet = ricker(peak_frequency, half_length=half)
    np.testing.assert_array_equal(wavelet, wavelet[::-1])
    assert wavelet[half] == wavelet.max() == 1.0
    assert abs(wavelet.sum()) < 1e-3


@given(st.floats(0.03, 0.2))
def test_a_ricker_spectrum_peaks_at_its_peak_frequency(peak_frequency: float) -> None:
    wavelet = ricker(peak_frequency, half_length=200)
    spectrum = np.abs(np.fft.rfft(wavelet, 8192))
    assert np.fft.rfftfreq(8192)[spectrum.argmax()] == pytest.approx(peak_frequency, abs=0.002)


@given(frequencies, st.floats(-3, 3))
def test_seismic_wavelets_have_odd_length_and_unit_energy(
    peak_frequency: float, phase: float
) -> None:
    for band in (None, (0.4 * peak_frequency, 1.8 * peak_frequency)):
        wavelet = seismic_wavelet(peak_frequency, phase=phase, band=band)
        assert wavelet.size % 2 == 1
        assert float((wavelet**2).sum()) == pytest.approx(1.0, rel=1e-4)


def test_half_a_turn_of_phase_is_the_other_polarity() -> None:
    np.testing.assert_allclose(seismic_wavelet(0.1, phase=np.pi), -seismic_wavelet(0.1), atol=1e-6)


@pytest.mark.parametrize("peak_frequency", [0.0, 0.5, -1.0])
def test_frequencies_beyond_nyquist_are_refused(peak_frequency: float) -> None:
    with pytest.raises(ParameterError, match="Nyquist"):
        ricker(peak_frequency, half_length=4)
