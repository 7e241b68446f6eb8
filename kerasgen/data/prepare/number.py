"""Encodings of numbers for networks: waves and pieces."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Float, Int, child_seed, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.category import features
from kerasgen.data.prepare.scale import feed
from kerasgen.data.prepare.sketch import Quantiles


@register("prepare")
class Periodic(Transform):
    """Gives sines and cosines of each number at seeded frequencies.

    The frequencies are drawn from N(0, sigma) for each feature and stay as
    they are. A feature gives `count` sines, then as many cosines. Let it
    follow `Standardize`.

    Args:
        count: int >= 1, the number of frequencies of a feature.
        sigma: float > 0, their spread, in turns for each unit.
        seed: int >= 0.
        **values: arguments of `keras.layers.Layer`.

    Source:
        Gorishniy, Rubachev, Babenko 2022, with frequencies that aren't
        trained.

    Example:
        >>> Periodic(4)(np.zeros((1, 2), "float32")).shape
        TensorShape([1, 16])
    """

    arguments = {"count": Int(1), "sigma": Float(1e-6), "seed": Int(0)}
    learns = False

    def __init__(self, count=16, sigma=1.0, seed=0, **values):
        super().__init__(count=count, sigma=sigma, seed=seed, **values)

    def check(self, shape, kind):
        """Refuses what isn't (batch, features)."""
        super().check(shape, kind)
        features("Periodic", shape)

    def shape_of(self, shape):
        """Gives the number of columns."""
        return (2 * self.count * shape[0],)

    def frequencies(self, places):
        """Gives the float64 frequencies (places, count)."""
        random = np.random.default_rng(child_seed(self.seed, "periodic"))
        # Row by row, so that a column more moves no other's.
        return self.sigma * random.normal(size=(places, self.count))

    def transform(self, x):
        """Encodes a batch."""
        places = x.shape[1]
        # In float64: the sine of many turns has no digits to spare.
        x = tf.cast(x, tf.float64)[..., None]
        angle = 2.0 * np.pi * x * self.frequencies(places)
        found = tf.concat([tf.sin(angle), tf.cos(angle)], -1)
        found = tf.reshape(found, (-1, 2 * self.count * places))
        return tf.cast(found, tf.float32)


@register("prepare")
class PiecewiseLinear(Transform):
    """Gives for each bin of train's quantiles how far a number goes into it.

    A bin that lies below gives 1, one above 0; the first goes on below 0,
    and the last beyond 1. Equal quantiles are one, so that a feature may have
    fewer bins. Exact where a feature has up to 65,536 values of train, else
    by a sketch (see `Quantiles`).

    Args:
        bins: int >= 1, the greatest number of bins of a feature.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Source:
        Gorishniy, Rubachev, Babenko 2022, section 3.2.

    Example:
        >>> layer = PiecewiseLinear(2).adapt(np.array([[0.0], [1.0], [4.0]]))
        >>> layer(np.array([[2.5]])).numpy().tolist()
        [[1.0, 0.5]]
    """

    arguments = {"bins": Int(1)}

    def __init__(self, bins=8, **values):
        super().__init__(bins=bins, **values)

    @property
    def edges(self):
        """list of list of float, the edges of each feature's bins."""
        return self.learnt and self.learnt["edges"]

    def check(self, shape, kind):
        """Refuses what isn't (batch, features)."""
        super().check(shape, kind)
        features("PiecewiseLinear", shape, self.edges)

    def shape_of(self, shape):
        """Gives the number of columns."""
        return (sum(max(1, len(edges) - 1) for edges in self.edges),)

    def transform(self, x):
        """Encodes a batch."""
        x = tf.cast(x, tf.float32)
        parts = []
        for place, edges in enumerate(self.edges):
            column = x[:, place : place + 1]
            if len(edges) < 2:
                # A constant of train: nothing to tell apart.
                parts.append(tf.zeros_like(column))
                continue
            edges = np.asarray(edges, "float64")
            start = edges[:-1].astype("float32")
            part = (column - start) / np.diff(edges).astype("float32")
            least = np.where(np.arange(len(start)) == 0, -np.inf, 0.0)
            last = np.arange(len(start)) == len(start) - 1
            most = np.where(last, np.inf, 1.0)
            held = tf.minimum(
                tf.maximum(part, least.astype("float32")),
                most.astype("float32"),
            )
            parts.append(tf.where(tf.math.is_nan(part), part, held))
        return tf.concat(parts, 1)

    def _begin(self, shape):
        self._kept.work.sketches = [Quantiles(seed=i) for i in range(shape[0])]

    def _take(self, batch):
        feed(self._kept.work.sketches, np.asarray(batch, "float64"))

    def _end(self):
        shares = np.linspace(0.0, 1.0, self.bins + 1)
        found = []
        for sketch in self._kept.work.sketches:
            # In float32, so that no bin is narrower than what comes can tell.
            edges = sketch.at(shares).astype("float32")
            found.append(np.unique(edges[np.isfinite(edges)]).tolist())
        return {"edges": found}
