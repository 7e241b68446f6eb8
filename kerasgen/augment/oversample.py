"""Synthetic rows of rare classes."""

import numpy as np
import tensorflow as tf
from sklearn.neighbors import NearestNeighbors

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Float, Int, child_seed, message, one_of, register


def smote(x, y, *, seed=0, neighbors=5, want="balanced"):
    """Adds synthetic rows of the rare classes to a table.

    A synthetic row lies at a random place between a row of its class and one
    of that row's nearest neighbours of the same class; with categories, it
    has the one that most of the neighbours have. Put it on training rows
    only: synthetic rows beside their parents in a test split are a leak.

    Args:
        x: float array (n, features), or dict of column name to arrays (n,),
            where columns that are no numbers are categories. Numbers must be
            finite.
        y: array (n,) of classes.
        seed: int, decides every draw.
        neighbors: int >= 1, how many nearest rows of its class a row is
            paired with; fewer where a class has fewer.
        want: "balanced" for every class as often as the most frequent one, or
            dict of class to the number of rows that it shall have.

    Returns:
        `(x, y)` of the same structure: first the rows that came, then the
        synthetic ones, class by class. Whole-number columns become float64.

    Raises:
        ValueError: for numbers that aren't finite, lengths that differ, a
            class that there is not, a class that shall shrink, or a class to
            grow that has one row only.

    Source:
        Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique",
        2002, arXiv:1106.1813; SMOTE-NC of section 6.1 for categories: one
        that differs counts as the median of the standard deviations of the
        rare class's numbers. Rows to grow from are drawn with replacement.

    Example:
        >>> x = np.array([[0.0], [1.0], [2.0], [8.0], [9.0]])
        >>> new, y = smote(x, np.array([0, 0, 0, 1, 1]))
        >>> new.shape, y.tolist(), bool(8 <= new[5, 0] <= 9)
        ((6, 1), [0, 0, 0, 1, 1, 1], True)
    """
    columns = x if isinstance(x, dict) else None
    y = np.asarray(y)
    numbers, categories = _parts(x, y)
    classes, counts = np.unique(y, return_counts=True)
    wanted = _wanted(classes, counts, want)
    neighbors = Int(1).check("smote", "neighbors", neighbors)
    found = [(numbers, categories, y)]
    for label, count in zip(classes, counts, strict=True):
        more = wanted[label] - int(count)
        if not more:
            continue
        if count < 2:
            raise ValueError(
                message(
                    "smote",
                    "a class to grow must have two rows at least",
                    {"class": label, "rows": int(count)},
                    "Leave it out of want=, or repeat the row yourself.",
                )
            )
        own = y == label
        random = np.random.default_rng(child_seed(seed, "smote", label))
        made = _grow(numbers[own], categories[own], neighbors, more, random)
        found.append((*made, np.full(more, label, y.dtype)))
    numbers, categories, y = (
        np.concatenate(p) for p in zip(*found, strict=True)
    )
    return _like(x, columns, numbers, categories), y


def _parts(x, y):
    """The numbers (n, a) and the categories (n, b) of a table."""
    if isinstance(x, dict):
        columns = {name: np.asarray(column) for name, column in x.items()}
    else:
        array = np.asarray(x)
        if array.ndim != 2:
            raise ValueError(
                message(
                    "smote",
                    "`x` must be (n, features) or a dict of columns",
                    {"shape": array.shape},
                )
            )
        columns = {str(k): array[:, k] for k in range(array.shape[1])}
    lengths = sorted({len(column) for column in columns.values()} | {len(y)})
    if len(lengths) > 1:
        raise ValueError(
            message(
                "smote",
                "`y` and all columns must be equally long",
                {"lengths": lengths},
            )
        )
    numbers, categories = [np.empty((len(y), 0))], [np.empty((len(y), 0), "O")]
    for name, column in columns.items():
        if not _is_number(column):
            categories.append(column.astype("O")[:, None])
            continue
        column = column.astype("float64")
        if not np.isfinite(column).all():
            raise ValueError(
                message(
                    "smote",
                    "numbers must be finite",
                    {
                        "column": name,
                        "missing": int((~np.isfinite(column)).sum()),
                    },
                    "Fill missing numbers first.",
                )
            )
        numbers.append(column[:, None])
    return np.concatenate(numbers, 1), np.concatenate(categories, 1)


def _is_number(column):
    return np.asarray(column).dtype.kind in "iuf"


def _wanted(classes, counts, want):
    known = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    if not isinstance(want, dict):
        one_of("smote", "want", want, ("balanced",))
        return dict.fromkeys(known, max(known.values(), default=0))
    for label, count in want.items():
        if label not in known or count < known[label]:
            raise ValueError(
                message(
                    "smote",
                    "`want` must name classes of `y`, and for each at least "
                    "as many rows as it has",
                    {"class": label, "want": count, "rows": known.get(label)},
                )
            )
    return {**known, **want}


def _grow(numbers, categories, neighbors, more, random):
    """Makes rows of one class."""
    n = len(numbers)
    near = _near(numbers, categories, min(neighbors, n - 1))
    base = random.integers(n, size=more)
    other = near[base, random.integers(near.shape[1], size=more)]
    share = random.uniform(size=(more, 1))
    made = numbers[base] + share * (numbers[other] - numbers[base])
    chosen = np.empty((more, categories.shape[1]), "O")
    for k in range(categories.shape[1]):
        names, codes = np.unique(
            categories[:, k].astype(str), return_inverse=True
        )
        hits = np.eye(len(names))[codes[near[base]]].sum(1)
        # A hair for the row's own category, which decides ties.
        hits[np.arange(more), codes[base]] += 0.5
        first = {
            code: value
            for code, value in zip(codes, categories[:, k], strict=True)
        }
        chosen[:, k] = [first[code] for code in hits.argmax(1)]
    return made, chosen


def _near(numbers, categories, count):
    """The nearest rows of each, without itself: (n, count)."""
    spread = numbers.std(0) if numbers.shape[1] else np.ones(1)
    # Differing cells of two one-hot codes count twice in the square.
    weight = np.median(spread) / np.sqrt(2)
    parts = [numbers]
    for k in range(categories.shape[1]):
        names, codes = np.unique(
            categories[:, k].astype(str), return_inverse=True
        )
        parts.append(np.eye(len(names))[codes] * weight)
    search = NearestNeighbors(n_neighbors=count).fit(np.concatenate(parts, 1))
    # Asked about no rows, it leaves each one out of its own answer.
    return search.kneighbors(return_distance=False)


def _like(x, columns, numbers, categories):
    if columns is None:
        kind = np.asarray(x).dtype
        return numbers.astype(kind if kind.kind == "f" else "float64")
    out, number, category = {}, 0, 0
    for name, column in columns.items():
        column = np.asarray(column)
        if _is_number(column):
            kind = column.dtype if column.dtype.kind == "f" else "float64"
            out[name] = numbers[:, number].astype(kind)
            number += 1
        else:
            out[name] = categories[:, category].astype(column.dtype)
            category += 1
    return out


@register("augment")
class Smote(Augment):
    """Replaces rows of frequent classes by synthetic rows of rare ones.

    Within each batch: a synthetic row lies between a row of its class and one
    of that row's nearest neighbours in the batch. A class with one row in the
    batch can't grow. For more rows instead, and neighbours beyond the batch,
    put `smote` on the training table.

    Args:
        rate: float in [0, 1], how far the classes of a batch move from as
            many rows as they have to equally many, in expectation.
        neighbors: int >= 1, how many nearest rows of its class a row is
            paired with.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Chawla et al., 2002, arXiv:1106.1813. They search the whole training
        set, and keep every row.

    Example:
        >>> y = tf.constant([0, 0, 0, 0, 0, 0, 1, 1])
        >>> fields = {"x": tf.range(8.0)[:, None], "y": y}
        >>> out = Smote(rate=1.0)(fields, [0, 3])
        >>> out["x"].shape, int(tf.reduce_sum(out["y"])) > 2
        (TensorShape([8, 1]), True)
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "neighbors": Int(1, search=(3, 10)),
    }
    kind = "table"
    stage = "batch"

    def __init__(self, rate=1.0, neighbors=5):
        super().__init__(rate=rate, neighbors=neighbors)

    def apply(self, fields, seed):
        """Replaces rows of a batch.

        Args:
            fields: dict with `x` (batch, ...) and `y`, classes (batch,) or
                distributions (batch, classes); every other field moves along
                with the row that a synthetic one grew from.
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        if self.rate == 0:
            return fields
        x, label = fields["x"], _label(fields.get("y"))
        n = tf.shape(x)[0]
        replaced, base = self._draw(label, seed)
        flat = tf.reshape(tf.cast(x, tf.float32), (n, -1))
        other = self._neighbor(flat, label, base, fold(seed, 2))
        start, end = tf.gather(flat, base), tf.gather(flat, other)
        made = start + uniform(fold(seed, 3), (n, 1)) * (end - start)
        made = tf.reshape(made, tf.shape(x))
        if x.dtype.is_integer:
            made = tf.round(made)
        source = tf.where(replaced, base, tf.range(n))
        out = tf.nest.map_structure(lambda t: tf.gather(t, source), fields)
        some = tf.reshape(replaced, (-1,) + (1,) * (x.shape.rank - 1))
        out["x"] = tf.where(some, tf.cast(made, x.dtype), x)
        return out

    def _draw(self, label, seed):
        """Draws the rows that go, and for each a row to grow from."""
        _, code, counts = tf.unique_with_counts(label)
        counts = tf.cast(counts, tf.float32)
        gap = tf.reduce_mean(counts) - counts
        lack = tf.where(counts > 1.0, tf.maximum(gap, 0.0), 0.0)
        excess = tf.maximum(-gap, 0.0)
        # As many rows go as there is use for.
        total = tf.reduce_sum(lack)
        used = tf.math.divide_no_nan(total, tf.reduce_sum(excess))
        leaves = tf.gather(self.rate * used * excess / counts, code)
        replaced = uniform(seed, tf.shape(label)) < leaves
        ends = tf.cumsum(tf.gather(lack / counts, code))
        draw = uniform(fold(seed, 1), tf.shape(label)) * ends[-1:]
        base = tf.searchsorted(ends, draw, side="right")
        return replaced, tf.minimum(base, tf.size(label) - 1)

    def _neighbor(self, flat, label, base, seed):
        """Draws a near row of the same class for each row to grow from."""
        row, own = tf.gather(flat, base), tf.gather(label, base)
        square = tf.reduce_sum(flat**2, 1)
        # Less the row's own square, which orders nothing.
        far = square[None, :] - 2.0 * tf.matmul(row, flat, transpose_b=True)
        rows = tf.range(tf.size(base))
        fits = (label[None, :] == own[:, None]) & (
            rows[None, :] != base[:, None]
        )
        far = tf.where(fits, far, float("inf"))
        most = tf.minimum(self.neighbors, tf.size(base))
        near = tf.math.top_k(-far, most).indices
        count = tf.reduce_sum(tf.cast(fits, tf.int32), 1)
        count = tf.cast(tf.minimum(count, most), tf.float32)
        place = tf.cast(uniform(seed, tf.shape(base)) * count, tf.int32)
        return tf.gather_nd(near, tf.stack([rows, place], 1))


def _label(y):
    """Gives the class of each row."""
    if not isinstance(y, tf.Tensor) or (
        y.shape.rank != 2 and not y.dtype.is_integer and y.dtype != tf.string
    ):
        raise ValueError(
            message(
                "Smote",
                "`y` must be classes (batch,) or distributions "
                "(batch, classes)",
                {"y": y},
            )
        )
    if y.shape.rank == 2:
        y = tf.argmax(y, 1)
    return y
