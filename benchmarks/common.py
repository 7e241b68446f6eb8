"""What the benchmarks share."""

import numpy as np
import scipy.stats


def mean_and_half(values):
    """Mean and half of the 95 % interval of a few seeds, by Student's t."""
    values = np.asarray(values, "float64")
    half = scipy.stats.sem(values) * scipy.stats.t.ppf(0.975, len(values) - 1)
    return float(values.mean()), float(half)


def interval(values):
    """Writes a mean with its 95 % interval; one seed has none."""
    if len(values) < 2:
        return f"{np.mean(values):.3f}"
    mean, half = mean_and_half(values)
    return f"{mean:.3f} +- {half:.3f}"


def unpacked(folder, part, limit=None):
    """CIFAR-10's images and labels, out of one file of JPEGs."""
    import tensorflow as tf

    with np.load(folder / "cifar10" / f"cifar10_{part}_jpeg.npz") as z:
        packed, ends, y = z["jpeg"], z["offsets"], z["label"][:limit]
    x = [
        tf.io.decode_jpeg(packed[a:b].tobytes(), 3).numpy()
        for a, b in zip(ends[: len(y)], ends[1 : len(y) + 1], strict=True)
    ]
    return np.stack(x), y
