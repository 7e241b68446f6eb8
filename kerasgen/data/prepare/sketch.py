"""Sketches: what one pass over a stream keeps, in bounded memory."""

import numpy as np

from kerasgen.core import Int, child_seed, message

_EXACT = 2**16
_STRIDE_LEVEL = 4
_LEVEL = 2**13
_SAMPLE_BYTES = 2**28
# Numbers that are looked at together: what a processor holds near.
_BLOCK = 2**18


class Moments:
    """Count, mean, spread and range of each column, in float64.

    Missing values (NaN and infinities) count for nothing.

    Args:
        columns: int >= 1.

    Source:
        Chan, Golub, LeVeque 1979, for the merge of two parts.

    Example:
        >>> moments = Moments(1)
        >>> moments.update(np.array([[1.0], [3.0], [np.nan]]))
        >>> float(moments.mean[0]), float(moments.spread[0])
        (2.0, 1.0)
    """

    def __init__(self, columns):
        Int(1).check("Moments", "columns", columns)
        self.count = np.zeros(columns)
        self.missing = np.zeros(columns)
        self.mean = np.zeros(columns)
        self.low = np.full(columns, np.inf)
        self.high = np.full(columns, -np.inf)
        self._square = np.zeros(columns)

    @property
    def spread(self):
        """float64 array, the standard deviations (of the population)."""
        return np.sqrt(self._square / np.maximum(self.count, 1.0))

    def update(self, values):
        """Takes in the rows (n, columns) of one batch."""
        values = np.asarray(values)
        rows = max(1, _BLOCK // len(self.mean))
        for start in range(0, len(values), rows):
            # A column's numbers beside each other: sums run along them.
            block = values[start : start + rows].T
            self._merge(np.ascontiguousarray(block, "float64"))

    def _merge(self, block):
        good = np.isfinite(block)
        count = good.sum(1).astype("float64")
        whole = good.all()
        self.missing += block.shape[1] - count
        clean = block if whole else np.where(good, block, 0.0)
        mean = clean.sum(1) / np.maximum(count, 1.0)
        far = clean - mean[:, None]
        far = far if whole else np.where(good, far, 0.0)
        square = np.einsum("ij,ij->i", far, far)
        total = self.count + count
        share = count / np.maximum(total, 1.0)
        gap = mean - self.mean
        self._square += square + gap**2 * self.count * share
        self.mean += gap * share
        self.count = total
        low = block if whole else np.where(good, block, np.inf)
        high = block if whole else np.where(good, block, -np.inf)
        self.low = np.minimum(self.low, low.min(1))
        self.high = np.maximum(self.high, high.max(1))


class Quantiles:
    """Quantiles of one stream of numbers.

    Up to `exact` values are kept, and the quantiles are NumPy's. Of longer
    streams, sorted runs are thinned at random offsets, each time one level
    up, so that memory grows with the logarithm of the count; the rank of a
    quantile then errs by about 0.0002 of the count (less than 0.001 in the
    tests, at a million values).

    Args:
        seed: int, of the offsets.
        exact: int >= 16, the number of values that are kept as they are.

    Source:
        Karnin, Lang, Liberty 2016; here with levels of equal size.

    Example:
        >>> sketch = Quantiles()
        >>> sketch.update(np.arange(5.0))
        >>> float(sketch.at(0.5))
        2.0
    """

    def __init__(self, seed=0, exact=_EXACT):
        self.exact = Int(16).check("Quantiles", "exact", exact)
        self.count = 0
        self._low, self._high = np.inf, -np.inf
        self._random = np.random.default_rng(child_seed(seed, "quantiles"))
        self._fresh, self._pending = [], 0
        self._levels = {}

    @property
    def size(self):
        """int, the number of values in memory."""
        return self._pending + sum(map(len, self._levels.values()))

    def update(self, values):
        """Takes in numbers of any shape; those that aren't finite are left."""
        values = np.asarray(values, "float64").reshape(-1)
        values = values[np.isfinite(values)]
        if not len(values):
            return
        self.count += len(values)
        self._low = min(self._low, float(values.min()))
        self._high = max(self._high, float(values.max()))
        while len(values):
            part = values[: self.exact + 1 - self._pending]
            values = values[len(part) :]
            self._fresh.append(part.copy())
            self._pending += len(part)
            if self._pending > self.exact:
                self._spill()

    def _spill(self):
        run = np.sort(np.concatenate(self._fresh))
        step = 2**_STRIDE_LEVEL
        whole = len(run) // step * step
        # The rest stays, so that no value's weight is lost.
        keep = self._random.permutation(len(run))[: len(run) - whole]
        rest = run[keep]
        run = np.delete(run, keep)
        self._fresh, self._pending = [rest], len(rest)
        self._push(_STRIDE_LEVEL, run[self._random.integers(step) :: step])

    def _push(self, level, values):
        held = self._levels.get(level, np.zeros(0))
        held = np.concatenate([held, values])
        if len(held) >= _LEVEL:
            held = np.sort(held)
            even = len(held) // 2 * 2
            self._push(level + 1, held[self._random.integers(2) : even : 2])
            held = held[even:]
        self._levels[level] = held

    def at(self, shares):
        """Gives quantiles.

        Args:
            shares: float or array of floats in [0, 1].

        Returns:
            float64 array of the shape of `shares`; NaN where nothing came.
        """
        shares = np.asarray(shares, "float64")
        if not self.count:
            return np.full(shares.shape, np.nan)
        parts = [(np.concatenate(self._fresh), 1.0)] if self._fresh else []
        if not self._levels:
            return np.quantile(parts[0][0], shares)
        parts += [(v, 2.0**level) for level, v in self._levels.items()]
        values = np.concatenate([v for v, _ in parts])
        weights = np.concatenate([np.full(len(v), w) for v, w in parts])
        order = np.argsort(values, kind="stable")
        values, weights = values[order], weights[order]
        # A value of weight w stands for w ranks: it sits in their middle.
        ranks = np.cumsum(weights) - (weights + 1) / 2
        ranks = np.concatenate([[0.0], ranks, [self.count - 1.0]])
        values = np.concatenate([[self._low], values, [self._high]])
        ranks = np.maximum.accumulate(np.clip(ranks, 0, self.count - 1))
        found = np.interp(shares * (self.count - 1), ranks, values)
        found = np.where(shares <= 0, self._low, found)
        return np.where(shares >= 1, self._high, found)


class Sample:
    """A uniform random sample of the rows of a stream, in their order.

    It is the whole stream where that has no more rows than `rows`.

    Args:
        seed: int.
        rows: int >= 1, the greatest number of rows; fewer where they would
            take more than a quarter of a gigabyte.

    Source:
        Efraimidis, Spirakis 2006, with equal weights.

    Example:
        >>> sample = Sample(rows=2)
        >>> sample.update(np.zeros((5, 3)))
        >>> sample.rows().shape
        (2, 3)
    """

    def __init__(self, seed=0, rows=_EXACT):
        self.limit = Int(1).check("Sample", "rows", rows)
        self.count = 0
        self._random = np.random.default_rng(child_seed(seed, "sample"))
        self._parts, self._keys, self._held = [], [], 0
        self._edge = 1.0

    @property
    def whole(self):
        """bool, whether every row is held."""
        return self.count == self._held

    def update(self, values):
        """Takes in the rows of one batch."""
        values = np.asarray(values)
        if not len(values):
            return
        bytes_each = max(1, values.nbytes // len(values))
        self.limit = min(self.limit, max(1, _SAMPLE_BYTES // bytes_each))
        self.count += len(values)
        keys = self._random.random(len(values))
        # Only what is below the greatest key of a full sample can come in.
        near = keys < self._edge
        self._parts.append(values[near])
        self._keys.append(keys[near])
        self._held += int(near.sum())
        if self._held > 1.25 * self.limit:
            self._cut()

    def _cut(self):
        keys = np.concatenate(self._keys)
        values = np.concatenate(self._parts)
        if len(keys) > self.limit:
            chosen = np.argpartition(keys, self.limit - 1)[: self.limit]
            chosen.sort()
            keys, values = keys[chosen], values[chosen]
            self._edge = keys.max()
        self._keys, self._parts, self._held = [keys], [values], len(keys)

    def rows(self):
        """Gives the sample.

        Returns:
            array (at most `rows`, ...).

        Raises:
            ValueError: where nothing came.
        """
        if not self.count:
            raise ValueError(message("Sample", "there must be rows"))
        self._cut()
        return self._parts[0]


class Counts:
    """How often each word came; rare ones are dropped where they are many.

    Up to `bound` different words are counted exactly. Beyond, the rarest are
    dropped and `floor` is raised: a word's count then errs by at most `floor`
    (it may be too low), and a word that came more often is never lost.

    Args:
        bound: int >= 2, the greatest number of different words.

    Source:
        Misra, Gries 1982, dropping in bulk.

    Example:
        >>> counts = Counts()
        >>> counts.update(["a", "b", "a"])
        >>> counts.common()
        [('a', 2), ('b', 1)]
    """

    def __init__(self, bound=2**18):
        self.bound = Int(2).check("Counts", "bound", bound)
        self.floor = 0
        self._counts = {}

    def __len__(self):
        return len(self._counts)

    def update(self, words):
        """Takes in words (str, or UTF-8 bytes), each with the count one."""
        counts = self._counts
        for word in words:
            counts[word] = counts.get(word, 0) + 1
            if len(counts) > self.bound:
                counts = self._drop()

    def _drop(self):
        # The most frequent half stays; all lose what the dropped had.
        numbers = sorted(self._counts.values(), reverse=True)
        cut = numbers[self.bound // 2]
        self._counts = {w: n - cut for w, n in self._counts.items() if n > cut}
        self.floor += cut
        return self._counts

    def common(self, most=None):
        """Gives words by falling count, equals in alphabetical order.

        Args:
            most: int, the number of words, or None for all.

        Returns:
            list of (str, count); a count may lie `floor` too low.
        """
        merged = {}
        for word, count in self._counts.items():
            word = text_of(word)
            merged[word] = merged.get(word, 0) + count
        order = sorted(merged.items(), key=lambda item: (-item[1], item[0]))
        return order[:most]


def text_of(word):
    """Writes a word as str.

    Args:
        word: str, or bytes in UTF-8; what isn't UTF-8 becomes U+FFFD.

    Returns:
        str.

    Example:
        >>> text_of(b"caf\\xc3\\xa9")
        'café'
    """
    if isinstance(word, bytes):
        return word.decode("utf-8", "replace")
    return str(word)
