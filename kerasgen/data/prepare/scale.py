"""Scales of numbers: range, spread, quartiles, bounds."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Float, message, register
from kerasgen.data.prepare.base import AXIS, LEARNT_AXIS, ByAxis
from kerasgen.data.prepare.sketch import Moments, Quantiles

# A spread below this share of the greatest value is float32's rounding alone.
_ROUNDING = 1e-7


@register("prepare")
class Scale(ByAxis):
    """Moves the range that train has, or a known one, to [low, high].

    Args:
        low: float, the least value that comes out of train.
        high: float, the greatest.
        source_low: float, the least value of a known range, or None to learn
            it.
        source_high: float, the greatest, or None.
        axis: "channel" (last axis), "feature" or "image" (each example by
            itself).
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for a range that is empty, or half of one.

    Example:
        >>> layer = Scale().adapt(np.array([[2.0], [6.0]]))
        >>> float(layer(np.array([[3.0]]))[0, 0])
        0.25
    """

    arguments = {
        "low": Float(),
        "high": Float(),
        "source_low": Float(),
        "source_high": Float(),
        "axis": AXIS,
    }

    def __init__(
        self,
        low=0.0,
        high=1.0,
        source_low=None,
        source_high=None,
        axis="channel",
        **values,
    ):
        super().__init__(
            axis=axis,
            low=low,
            high=high,
            source_low=source_low,
            source_high=source_high,
            **values,
        )
        _ordered("Scale", "low", low, "high", high)
        if (source_low is None) != (source_high is None):
            raise ValueError(
                message(
                    "Scale",
                    "a known range needs both ends",
                    {"source_low": source_low, "source_high": source_high},
                )
            )
        _ordered("Scale", "source_low", source_low, "source_high", source_high)

    @property
    def learns(self):
        """bool, whether the range isn't known."""
        return self.source_low is None and self.axis != "image"

    def transform(self, x):
        """Scales a batch; a constant becomes `low`."""
        x = tf.cast(x, tf.float32)
        if self.source_low is not None:
            low, high = self.source_low, self.source_high
        elif self.axis == "image":
            axes = list(range(1, len(x.shape)))
            low = tf.reduce_min(x, axes, keepdims=True)
            high = tf.reduce_max(x, axes, keepdims=True)
        else:
            low, high = (self.value(n, x.shape) for n in ("low", "high"))
        share = tf.math.divide_no_nan(x - low, tf.cast(high - low, tf.float32))
        return self.low + share * (self.high - self.low)

    def _begin(self, shape):
        self._kept.work.moments = Moments(self._places(shape))

    def _take(self, batch):
        self._kept.work.moments.update(self.rows(batch))

    def _end(self):
        moments = self._kept.work.moments
        seen = moments.count > 0
        return {
            "low": np.where(seen, moments.low, 0.0).tolist(),
            "high": np.where(seen, moments.high, 0.0).tolist(),
            "places": len(seen),
        }


@register("prepare")
class Standardize(ByAxis):
    """Takes the mean of each channel or feature away, divides by its spread.

    Args:
        mean: list of float, one for each place, or None to learn them.
        scale: list of float, the divisors, or None; 0 stands for a constant,
            which becomes 0.
        axis: "channel" (last axis), "feature" or "image" (each example by
            itself).
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for means without divisors, or of other number.

    Example:
        >>> layer = Standardize(mean=[1.0], scale=[2.0])
        >>> float(layer(np.array([[5.0]]))[0, 0])
        2.0
    """

    arguments = {"axis": AXIS}

    def __init__(self, mean=None, scale=None, axis="channel", **values):
        if (mean is None) != (scale is None) or (
            mean is not None and len(mean) != len(scale)
        ):
            raise ValueError(
                message(
                    "Standardize",
                    "`mean` and `scale` must come together, of one length",
                    {"mean": mean, "scale": scale},
                )
            )
        if mean is not None:
            values["learnt"] = {
                "mean": [float(value) for value in mean],
                "scale": [float(value) for value in scale],
                "places": len(mean),
            }
        super().__init__(axis=axis, **values)

    @property
    def mean(self):
        """list of float, or None before it learnt."""
        return self.learnt and self.learnt["mean"]

    @property
    def scale(self):
        """list of float, the divisors, or None before it learnt."""
        return self.learnt and self.learnt["scale"]

    def transform(self, x):
        """Standardizes a batch."""
        x = tf.cast(x, tf.float32)
        if self.axis == "image":
            axes = list(range(1, len(x.shape)))
            mean = tf.reduce_mean(x, axes, keepdims=True)
            spread = tf.math.reduce_std(x, axes, keepdims=True)
            most = tf.reduce_max(tf.abs(x), axes, keepdims=True)
            spread = tf.where(spread > 1e-6 * most, spread, 0.0)
            return tf.math.divide_no_nan(x - mean, spread)
        scale = self.value("scale", x.shape)
        factor = np.where(scale > 0, 1.0 / np.where(scale > 0, scale, 1.0), 0.0)
        return (x - self.value("mean", x.shape)) * factor.astype("float32")

    def _begin(self, shape):
        self._kept.work.moments = Moments(self._places(shape))

    def _take(self, batch):
        self._kept.work.moments.update(self.rows(batch))

    def _end(self):
        moments = self._kept.work.moments
        return {
            "mean": moments.mean.tolist(),
            "scale": spread_of(moments).tolist(),
            "places": len(moments.mean),
        }


@register("prepare")
class RobustScale(ByAxis):
    """Takes the median away and divides by the distance of two quantiles.

    Exact where each channel or feature has up to 65,536 values of train, else
    by a sketch (see `Quantiles`). Where the two quantiles are one, the
    divisor is 1.

    Args:
        below: float in [0, 1], the lower quantile.
        above: float in [0, 1], the upper one.
        axis: "channel" (last axis), "feature" or "image" (each example by
            itself).
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Raises:
        ValueError: where `below` isn't less than `above`.

    Example:
        >>> layer = RobustScale().adapt(np.arange(5.0)[:, None])
        >>> float(layer(np.array([[4.0]]))[0, 0])
        1.0
    """

    arguments = {"below": Float(0, 1), "above": Float(0, 1), "axis": AXIS}

    def __init__(self, below=0.25, above=0.75, axis="channel", **values):
        super().__init__(axis=axis, below=below, above=above, **values)
        _ordered("RobustScale", "below", below, "above", above)

    def transform(self, x):
        """Scales a batch."""
        x = tf.cast(x, tf.float32)
        if self.axis == "image":
            shares = (0.5, self.below, self.above)
            median, low, high = (_quantile(x, share) for share in shares)
            width = high - low
            width = tf.where(width > 0, width, tf.ones_like(width))
        else:
            median = self.value("median", x.shape)
            width = self.value("scale", x.shape)
        return (x - median) / width

    def _begin(self, shape):
        count = self._places(shape)
        self._kept.work.sketches = [Quantiles(seed=i) for i in range(count)]

    def _take(self, batch):
        feed(self._kept.work.sketches, self.rows(batch))

    def _end(self):
        shares = np.array([0.5, self.below, self.above])
        found = np.stack([s.at(shares) for s in self._kept.work.sketches])
        median, low, high = np.nan_to_num(found, nan=0.0).T
        return {
            "median": median.tolist(),
            "scale": np.where(high > low, high - low, 1.0).tolist(),
            "places": len(median),
        }


@register("prepare")
class Clip(ByAxis):
    """Holds numbers between two bounds, fixed ones or quantiles of train.

    Args:
        low: float, the least value, or None.
        high: float, the greatest, or None. Where neither is given, the
            quantiles are the bounds.
        below: float in [0, 1], the quantile that is the least value.
        above: float in [0, 1], the quantile that is the greatest.
        axis: "channel" (last axis) or "feature", the quantiles' own places.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for bounds that are not in order.

    Example:
        >>> float(Clip(high=2.0)(np.array([[5.0]]))[0, 0])
        2.0
    """

    arguments = {
        "low": Float(),
        "high": Float(),
        "below": Float(0, 1),
        "above": Float(0, 1),
        "axis": LEARNT_AXIS,
    }

    def __init__(
        self,
        low=None,
        high=None,
        below=0.01,
        above=0.99,
        axis="channel",
        **values,
    ):
        super().__init__(
            axis=axis, low=low, high=high, below=below, above=above, **values
        )
        _ordered("Clip", "low", low, "high", high)
        _ordered("Clip", "below", below, "above", above)

    @property
    def learns(self):
        """bool, whether the bounds are quantiles."""
        return self.low is None and self.high is None

    def transform(self, x):
        """Clips a batch; missing stays missing."""
        x = tf.cast(x, tf.float32)
        low, high = self.low, self.high
        if self.learns:
            low, high = (self.value(name, x.shape) for name in ("low", "high"))
        clipped = x if low is None else tf.maximum(x, low)
        clipped = clipped if high is None else tf.minimum(clipped, high)
        return tf.where(tf.math.is_nan(x), x, clipped)

    def _begin(self, shape):
        count = self._places(shape)
        self._kept.work.sketches = [Quantiles(seed=i) for i in range(count)]

    def _take(self, batch):
        feed(self._kept.work.sketches, self.rows(batch))

    def _end(self):
        shares = np.array([self.below, self.above])
        found = np.stack([s.at(shares) for s in self._kept.work.sketches])
        low, high = found.T
        # A column without any value has no bounds.
        big = float(np.finfo("float32").max)
        return {
            "low": np.nan_to_num(low, nan=-big).tolist(),
            "high": np.nan_to_num(high, nan=big).tolist(),
            "places": len(low),
        }


def spread_of(moments):
    """Gives standard deviations; 0 where there is rounding alone.

    Args:
        moments: Moments.

    Returns:
        float64 array.

    Example:
        >>> moments = Moments(1)
        >>> moments.update(np.full((3, 1), 0.1))
        >>> float(spread_of(moments)[0])
        0.0
    """
    most = np.maximum(np.abs(moments.low), np.abs(moments.high))
    most = np.where(moments.count > 0, most, 0.0)
    return np.where(moments.spread > _ROUNDING * most, moments.spread, 0.0)


def feed(sketches, rows):
    """Hands each column of a batch to its own sketch.

    Args:
        sketches: list of Quantiles.
        rows: array (n, columns).

    Example:
        >>> sketch = Quantiles()
        >>> feed([sketch], np.ones((3, 1)))
        >>> sketch.count
        3
    """
    for sketch, column in zip(sketches, rows.T, strict=True):
        sketch.update(column)


def _quantile(x, share):
    """The quantile of each example over all of its axes."""
    flat = tf.sort(tf.reshape(x, (tf.shape(x)[0], -1)), axis=-1)
    last = tf.cast(tf.shape(flat)[1] - 1, tf.float32)
    place = share * last
    floor = tf.floor(place)
    index = tf.cast(floor, tf.int32)
    upper = tf.minimum(index + 1, tf.shape(flat)[1] - 1)
    low, high = flat[:, index], flat[:, upper]
    found = low + (high - low) * (place - floor)
    return tf.reshape(found, (-1, *[1] * (len(x.shape) - 1)))


def _ordered(where, low_name, low, high_name, high):
    if low is not None and high is not None and not low < high:
        raise ValueError(
            message(
                where,
                f"`{low_name}` must be less than `{high_name}`",
                {low_name: low, high_name: high},
            )
        )
