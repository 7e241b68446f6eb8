"""What the benchmarks share."""

import numpy as np
import scipy.stats


def interval(values):
    """Writes a mean with its 95 % interval over seeds."""
    values = np.asarray(values, "float64")
    if len(values) < 2:
        return f"{values.mean():.3f}"
    half = scipy.stats.sem(values) * scipy.stats.t.ppf(0.975, len(values) - 1)
    return f"{values.mean():.3f} +- {half:.3f}"
