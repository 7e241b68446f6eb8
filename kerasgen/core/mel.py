"""Filters that are evenly spaced on the mel scale."""

import numpy as np


def mel_filters(rate, fft, mels, low, high):
    """Makes triangles of height 1, evenly spaced on the mel scale.

    Args:
        rate: int, samples a second.
        fft: int, the length of the Fourier transform.
        mels: int, the number of triangles.
        low: float, the lowest frequency in Hz.
        high: float, the highest.

    Returns:
        float64 array (fft // 2 + 1, mels).

    Example:
        >>> mel_filters(8000, 256, 20, 0.0, 4000.0).shape
        (129, 20)
    """
    ends = 2595.0 * np.log10(1.0 + np.array([low, high]) / 700.0)
    places = np.linspace(ends[0], ends[1], mels + 2)
    places = 700.0 * (10.0 ** (places / 2595.0) - 1.0)
    bins = np.linspace(0.0, rate / 2, fft // 2 + 1)[:, None]
    left, middle, right = places[:-2], places[1:-1], places[2:]
    up = (bins - left) / (middle - left)
    down = (right - bins) / (right - middle)
    return np.maximum(0.0, np.minimum(up, down))
