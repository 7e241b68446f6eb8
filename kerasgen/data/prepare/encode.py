"""Encode: a dict of columns -> one row of numbers, the default for tables."""

import keras
import numpy as np
import tensorflow as tf

from kerasgen.data.prepare.category import written
from kerasgen.data.prepare.scale import feed, spread_of
from kerasgen.data.prepare.sketch import Counts, Moments, Quantiles


@keras.saving.register_keras_serializable("kerasgen.data")
class Encode(keras.layers.Layer):
    """Turns a dict of columns into one row of numbers.

    Missing numbers take the train split's median, and where train had some,
    a column tells which they were. Numbers are standardised. A category
    becomes one column for each that train had, and one for all others.

    Args:
        columns: list of dict with `name`, `kind`, and for numbers `median`,
            `mean`, `scale` and `indicator`, for categories `vocabulary`.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> layer = Encode([{"name": "c", "kind": "category",
        ...                  "vocabulary": ["a", "b"]}])
        >>> layer({"c": tf.constant(["b", "z"])}).numpy().tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    def __init__(self, columns, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.columns = [dict(column) for column in columns]

    @property
    def width(self):
        """int, the number of columns that come out."""
        total = 0
        for column in self.columns:
            if column["kind"] == "number":
                total += 1 + bool(column["indicator"])
            else:
                total += 1 + len(column["vocabulary"])
        return total

    def call(self, inputs):
        """Encodes a batch.

        Args:
            inputs: dict of tensors (batch,), numbers or strings.

        Returns:
            float32 tensor (batch, width).
        """
        numbers = [c for c in self.columns if c["kind"] == "number"]
        parts = []
        if numbers:
            values = [tf.cast(inputs[c["name"]], tf.float32) for c in numbers]
            x = tf.stack([tf.reshape(value, (-1,)) for value in values], -1)
            missing = tf.logical_not(tf.math.is_finite(x))
            median = np.asarray([c["median"] for c in numbers], "float32")
            filled = tf.where(missing, median, x)
            means = [c["mean"] for c in numbers]
            scale = np.asarray([c["scale"] for c in numbers], "float32")
            factor = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1), 0)
            parts.append((filled - np.asarray(means, "float32")) * factor)
            shown = [i for i, c in enumerate(numbers) if c["indicator"]]
            if shown:
                marks = tf.gather(missing, shown, axis=1)
                parts.append(tf.cast(marks, tf.float32))
        for column in self.columns:
            if column["kind"] == "category":
                parts.append(
                    _one_hot(inputs[column["name"]], column["vocabulary"])
                )
        return tf.concat([tf.cast(part, tf.float32) for part in parts], 1)

    def compute_output_spec(self, inputs):
        """Gives a float32 tensor (batch, width)."""
        return keras.KerasTensor((None, self.width), "float32")

    def get_config(self):
        """Gives what was learnt of each column."""
        return {**super().get_config(), "columns": self.columns}


def _one_hot(values, vocabulary):
    values = tf.reshape(values, (-1, 1))
    same = tf.cast(
        tf.equal(values, tf.constant([vocabulary], tf.string)), tf.float32
    )
    return tf.concat([1.0 - tf.reduce_sum(same, 1, keepdims=True), same], 1)


class EncodeLearner:
    """Learns what `Encode` needs, from one pass in bounded memory.

    Means and spreads are those of the numbers after the gaps are filled.

    Args:
        columns: list of Column.

    Example:
        >>> from kerasgen.data.schema import Column
        >>> learner = EncodeLearner([Column("a")])
        >>> learner.update({"a": np.array([1.0, 3.0])})
        >>> learner.finish()[0]["mean"]
        2.0
    """

    def __init__(self, columns):
        self._columns = list(columns)
        self._numbers = [c.name for c in columns if c.kind == "number"]
        self._moments = Moments(max(1, len(self._numbers)))
        self._sketches = [Quantiles(seed=i) for i in range(len(self._numbers))]
        self._counts = {
            c.name: Counts() for c in columns if c.kind == "category"
        }

    def update(self, batch):
        """Takes in one batch, a dict of columns (n,)."""
        if self._numbers:
            rows = [np.asarray(batch[n], "float64") for n in self._numbers]
            rows = np.stack(rows, 1)
            self._moments.update(rows)
            feed(self._sketches, rows)
        for name, counts in self._counts.items():
            counts.update(written(np.asarray(batch[name])).numpy())

    def finish(self):
        """Gives the list of dict that `Encode` takes."""
        learnt = []
        for column in self._columns:
            told = {"name": column.name, "kind": column.kind}
            if column.kind == "number":
                told.update(self._number(self._numbers.index(column.name)))
            else:
                words = [w for w, _ in self._counts[column.name].common()]
                told["vocabulary"] = sorted(set(words) - {""})
            learnt.append(told)
        return learnt

    def _number(self, place):
        moments = self._moments
        count, missing = moments.count[place], moments.missing[place]
        if not count:
            return {"median": 0.0, "mean": 0.0, "scale": 0.0, "indicator": True}
        median = float(self._sketches[place].at(0.5))
        share = missing / (count + missing)
        mean = moments.mean[place]
        # The gaps are a second group, without a spread of its own.
        square = moments.spread[place] ** 2 * (1 - share)
        square += share * (1 - share) * (mean - median) ** 2
        constant = spread_of(moments)[place] == 0.0 and median == mean
        return {
            "median": median,
            "mean": float(mean + share * (median - mean)),
            "scale": 0.0 if constant else float(np.sqrt(square)),
            "indicator": bool(missing),
        }
