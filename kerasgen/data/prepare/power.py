"""Distributions of numbers: logarithm, power, quantiles."""

import numpy as np
import scipy.optimize
import tensorflow as tf

from kerasgen.core import Choice, Float, Int, register
from kerasgen.data.prepare.base import LEARNT_AXIS, ByAxis, Transform
from kerasgen.data.prepare.scale import feed
from kerasgen.data.prepare.sketch import Quantiles, Sample

# The normal scores end where scikit-learn's do.
_EDGE = 1e-7


@register("prepare")
class Log(Transform):
    """Takes the logarithm of magnitudes: sign(x) * log(1 + |x| / unit).

    It has no hole at zero, and is log(1 + x) for x >= 0 with a unit of 1.

    Args:
        unit: float > 0, below which it is nearly straight.
        **values: arguments of `keras.layers.Layer`.

    Example:
        >>> round(float(Log()(np.array([[np.e - 1]]))[0, 0]), 4)
        1.0
    """

    arguments = {"unit": Float(1e-12)}
    learns = False

    def __init__(self, unit=1.0, **values):
        super().__init__(unit=unit, **values)

    def transform(self, x):
        """Takes the logarithm."""
        x = tf.cast(x, tf.float32)
        return tf.sign(x) * tf.math.log1p(tf.abs(x) / self.unit)


@register("prepare")
class Power(ByAxis):
    """Bends each channel or feature towards a normal: Yeo-Johnson.

    Its exponent is the one of greatest likelihood, on all of train or, where
    there are more than 65,536 rows, on a uniform sample of so many. What
    comes out isn't standardised: let `Standardize` follow.

    Args:
        axis: "channel" (last axis) or "feature".
        seed: int >= 0, of the sample.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Source:
        Yeo, Johnson 2000.

    Example:
        >>> values = np.exp(np.random.default_rng(0).normal(size=(200, 1)))
        >>> Power().adapt(values).learnt["power"][0] < 0
        True
    """

    arguments = {"axis": LEARNT_AXIS, "seed": Int(0)}

    def __init__(self, axis="channel", seed=0, **values):
        super().__init__(axis=axis, seed=seed, **values)

    def transform(self, x):
        """Bends a batch; in float64 inside, as powers cancel."""
        power = self.value("power", x.shape, "float64")
        x = tf.cast(x, tf.float64)
        # Each branch sees only what is its own, so that no other overflows.
        up = tf.math.log1p(tf.maximum(x, 0.0))
        down = tf.math.log1p(tf.maximum(-x, 0.0))
        bent = tf.where(x >= 0, _bend(up, power), -_bend(down, 2.0 - power))
        bent = tf.where(tf.math.is_nan(x), x, bent)
        most = np.finfo("float32").max
        return tf.cast(tf.clip_by_value(bent, -most, most), tf.float32)

    def _begin(self, shape):
        self._kept.work.sample = Sample(self.seed)

    def _take(self, batch):
        self._kept.work.sample.update(self.rows(batch))

    def _end(self):
        rows = self._kept.work.sample.rows()
        found = [_exponent(column[np.isfinite(column)]) for column in rows.T]
        return {"power": found, "places": len(found)}


@register("prepare")
class Quantile(ByAxis):
    """Maps each channel or feature to its rank: uniform, or normal scores.

    Between the quantiles of train it interpolates; beyond them it gives the
    ends. Exact where there are up to 65,536 values, else by a sketch (see
    `Quantiles`).

    Args:
        target: "uniform" in [0, 1], or "normal".
        quantiles: int >= 2, the number of quantiles that are kept.
        axis: "channel" (last axis) or "feature".
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> layer = Quantile().adapt(np.arange(101.0)[:, None])
        >>> float(layer(np.array([[25.0]]))[0, 0])
        0.25
    """

    arguments = {
        "target": Choice(("uniform", "normal")),
        "quantiles": Int(2),
        "axis": LEARNT_AXIS,
    }

    def __init__(
        self, target="uniform", quantiles=1000, axis="channel", **values
    ):
        super().__init__(
            axis=axis, target=target, quantiles=quantiles, **values
        )

    def transform(self, x):
        """Maps a batch; equal quantiles give the middle of their ranks."""
        edges = np.asarray(self.learnt["edges"], "float64")
        places = len(edges)
        rows = tf.transpose(tf.reshape(tf.cast(x, tf.float64), (-1, places)))
        missing = tf.math.is_nan(rows)
        safe = tf.where(missing, tf.zeros_like(rows), rows)
        first = _rank(edges, safe, "left")
        share = (first + _rank(edges, safe, "right")) / 2.0
        if self.target == "normal":
            share = tf.math.ndtri(tf.clip_by_value(share, _EDGE, 1 - _EDGE))
        share = tf.where(missing, rows, share)
        share = tf.reshape(tf.transpose(share), tf.shape(x))
        return tf.cast(share, tf.float32)

    def _begin(self, shape):
        count = self._places(shape)
        self._kept.work.sketches = [Quantiles(seed=i) for i in range(count)]

    def _take(self, batch):
        feed(self._kept.work.sketches, self.rows(batch))

    def _end(self):
        sketches = self._kept.work.sketches
        most = max(sketch.count for sketch in sketches)
        count = max(2, min(self.quantiles, most))
        shares = np.linspace(0.0, 1.0, count)
        edges = [np.nan_to_num(s.at(shares), nan=0.0) for s in sketches]
        # Interpolation may round a later quantile below an earlier one.
        edges = np.maximum.accumulate(np.stack(edges), axis=1)
        return {"edges": edges.tolist(), "places": len(edges)}


def _rank(edges, rows, side):
    """The interpolated rank in [0, 1] of each value, counted from a side."""
    places, count = edges.shape
    index = tf.searchsorted(tf.constant(edges), rows, side=side)
    upper = tf.clip_by_value(index, 1, count - 1)
    start = tf.gather(tf.constant(edges), upper - 1, batch_dims=1)
    stop = tf.gather(tf.constant(edges), upper, batch_dims=1)
    part = tf.math.divide_no_nan(rows - start, stop - start)
    # Equal ends: all of it seen from the right, nothing from the left.
    flat = 1.0 if side == "right" else 0.0
    part = tf.where(stop > start, part, flat * tf.ones_like(part))
    rank = tf.cast(upper - 1, tf.float64) + tf.clip_by_value(part, 0.0, 1.0)
    rank = tf.where(index == 0, tf.zeros_like(rank), rank)
    last = tf.cast(count - 1, tf.float64)
    rank = tf.where(index == count, last * tf.ones_like(rank), rank)
    # The ends are the ends, however many of train sit on them.
    rank = tf.where(rows <= edges[:, :1], tf.zeros_like(rank), rank)
    top = edges[:, -1:]
    rank = tf.where((rows >= top) & (rows > edges[:, :1]), last, rank)
    return rank / last


def _bend(logs, power):
    """((1 + x) ** power - 1) / power of log(1 + x), also at a power of 0."""
    near = np.abs(power) < 1e-12
    safe = np.where(near, 1.0, power)
    return tf.where(near, logs, tf.math.expm1(logs * safe) / safe)


def _exponent(values):
    if len(values) < 2 or np.ptp(values) == 0:
        return 1.0
    up = np.log1p(np.maximum(values, 0.0))
    down = np.log1p(np.maximum(-values, 0.0))
    jacobian = (up - down).sum()

    def loss(power):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            one = _bend_array(up, power)
            two = _bend_array(down, 2.0 - power)
            variance = np.var(np.where(values >= 0, one, -two))
            if not np.isfinite(variance) or variance < 1e-300:
                return np.inf
            return 0.5 * len(values) * np.log(variance) - (power - 1) * jacobian

    return float(scipy.optimize.brent(loss, brack=(-2.0, 2.0)))


def _bend_array(logs, power):
    if abs(power) < 1e-12:
        return logs
    return np.expm1(logs * power) / power
