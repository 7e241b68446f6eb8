"""Missing values: filled, and told of."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Choice, Float, message, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.category import features, written
from kerasgen.data.prepare.scale import feed
from kerasgen.data.prepare.sketch import Counts, Moments, Quantiles

STRATEGIES = ("median", "mean", "most_frequent", "constant")


class Word:
    """Any text, as the range of an argument.

    Example:
        >>> Word().check("Impute", "word", "none")
        'none'
    """

    search = None

    def check(self, where, name, value):
        """Checks one value and gives it."""
        if not isinstance(value, str) or not value:
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return value

    def legal(self):
        """Writes the legal values."""
        return "a text that isn't empty"

    def outside(self):
        """Gives one value that must be refused."""
        return ""


@register("prepare")
class Impute(Transform):
    """Fills missing numbers (NaN, infinite) or categories ("").

    With `indicator`, a feature of numbers of which train had some missing
    gets a further column that is 1 where it was; they come after all
    features. Categories can't be joined by numbers: put
    `Missing` beside them, or let `OneHot` count the missing as others.

    The median is exact where a feature has up to 65,536 values of train, else
    by a sketch (see `Quantiles`).

    Args:
        strategy: "median", "mean", "most_frequent" (equals: the least) or
            "constant". Of categories, "median" and "mean" are the most
            frequent.
        fill: float, the constant for numbers.
        word: str, the constant for categories.
        indicator: bool, whether numbers get further columns.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> layer = Impute().adapt(np.array([[1.0], [np.nan], [3.0]]))
        >>> layer(np.array([[np.nan]])).numpy().tolist()
        [[2.0, 1.0]]
    """

    arguments = {
        "strategy": Choice(STRATEGIES),
        "fill": Float(),
        "word": Word(),
        "indicator": Choice((True, False)),
    }
    takes = "any"
    gives = None

    def __init__(
        self,
        strategy="median",
        fill=0.0,
        word="missing",
        indicator=True,
        **values,
    ):
        super().__init__(
            strategy=strategy,
            fill=fill,
            word=word,
            indicator=indicator,
            **values,
        )

    def check(self, shape, kind):
        """Refuses what isn't (batch, features), or of another kind."""
        super().check(shape, kind)
        features("Impute", shape, self.learnt and self.learnt["fills"])
        if self.learnt and self.learnt["kind"] != kind:
            raise ValueError(
                message(
                    "Impute",
                    f"it learnt {self.learnt['kind']}s",
                    {"came": f"{kind}s"},
                )
            )

    def shape_of(self, shape):
        """Gives the number of columns."""
        return (len(self.learnt["fills"]) + len(self.learnt["shown"]),)

    def type_of(self, dtype):
        """Gives "string" for categories."""
        return "string" if self.learnt["kind"] == "string" else "float32"

    def transform(self, x):
        """Fills a batch."""
        if self.learnt["kind"] == "string":
            fills = tf.constant([self.learnt["fills"]], tf.string)
            return tf.where(x == "", fills, x)
        x = tf.cast(x, tf.float32)
        missing = tf.logical_not(tf.math.is_finite(x))
        filled = tf.where(
            missing, np.asarray(self.learnt["fills"], "float32"), x
        )
        marks = tf.gather(missing, self.learnt["shown"] or [0], axis=1)
        marks = tf.cast(marks, tf.float32)[:, : len(self.learnt["shown"])]
        return tf.concat([filled, marks], 1)

    def _begin(self, shape):
        work, count = self._kept.work, shape[0]
        work.moments, work.kind = Moments(count), None
        work.sketches = [Quantiles(seed=i) for i in range(count)]
        work.counts = [Counts() for _ in range(count)]

    def _take(self, batch):
        work = self._kept.work
        if batch.dtype.kind in "OSU":
            work.kind = "string"
            batch = written(batch).numpy()
            for counts, column in zip(work.counts, batch.T, strict=True):
                counts.update(column[column != b""])
            return
        work.kind = "number"
        rows = np.asarray(batch, "float64")
        work.moments.update(rows)
        if self.strategy == "median":
            feed(work.sketches, rows)
        elif self.strategy == "most_frequent":
            for counts, column in zip(work.counts, rows.T, strict=True):
                counts.update(column[np.isfinite(column)].tolist())

    def _end(self):
        work = self._kept.work
        if work.kind == "string":
            fills = [self._word(counts) for counts in work.counts]
            return {"kind": "string", "fills": fills, "shown": []}
        found = {
            "median": lambda: [float(s.at(0.5)) for s in work.sketches],
            "mean": lambda: work.moments.mean.tolist(),
            "most_frequent": lambda: [_mode(c) for c in work.counts],
            "constant": lambda: [float(self.fill)] * len(work.counts),
        }[self.strategy]()
        shown = np.flatnonzero(work.moments.missing) if self.indicator else []
        return {
            "kind": "number",
            # A column without any number is filled with 0.
            "fills": np.nan_to_num(found, nan=0.0).tolist(),
            "shown": [int(place) for place in shown],
        }

    def _word(self, counts):
        common = counts.common(1)
        if self.strategy == "constant" or not common:
            return self.word
        return common[0][0]


@register("prepare")
class Missing(Transform):
    """Gives 1 where a number is NaN or infinite, or a text empty, else 0.

    Args:
        **values: arguments of `keras.layers.Layer`.

    Example:
        >>> Missing()(tf.constant([["a", ""]])).numpy().tolist()
        [[0.0, 1.0]]
    """

    takes = "any"
    learns = False

    def transform(self, x):
        """Marks a batch."""
        if x.dtype == tf.string:
            return tf.cast(x == "", tf.float32)
        good = tf.math.is_finite(tf.cast(x, tf.float32))
        return 1.0 - tf.cast(good, tf.float32)


def _mode(counts):
    """The most frequent number; of equals the least."""
    common = [(-count, float(word)) for word, count in counts.common()]
    return min(common)[1] if common else 0.0
