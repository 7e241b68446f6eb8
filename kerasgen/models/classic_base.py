"""ClassicModel: an estimator of scikit-learn that answers as a network does."""

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    StandardScaler,
)
from sklearn.utils.validation import has_fit_parameter

from kerasgen.core import message

# The least probability that a logit is made of.
_LEAST = 1e-6
# Where nobody says how many clusters or topics.
_EACH, _SOME = 3, 8


class ClassicModel:
    """Learns from the prepared tensors of Data, and gives a network's outputs.

    Examples are made flat rows; a text in numbers of words becomes counts of
    them, and the number of a category a column for each category. Made by
    `classic`.

    Args:
        name: str.
        classes: callable from whether rows are counts to an estimator of
            classes, or None.
        numbers: callable to an estimator of numbers, or None.
        scaled: bool, whether columns are brought to one spread.
        dense: bool, whether it takes no sparse rows; None where it takes
            counts so, but nothing else.
        neighbors: bool, whether it needs no more neighbours than there are.

    Attributes:
        task: Task that it was trained for, after `fit`.

    Example:
        >>> import kerasgen as kg
        >>> kg.models.classic("knn", neighbors=3).name
        'knn'
    """

    def __init__(
        self,
        name,
        classes=None,
        numbers=None,
        scaled=True,
        dense=False,
        neighbors=False,
    ):
        self.name = name
        self.task = None
        self._makers = {"classes": classes, "numbers": numbers}
        self._scaled, self._dense = scaled, dense
        self._neighbors = neighbors

    def fit(self, data, split="train"):
        """Learns from one split.

        Args:
            data: Data of classes, or of a number.
            split: str.

        Returns:
            The model.

        Raises:
            ValueError: for a task that it has no answer for.
        """
        task = data.task
        asked = "classes" if getattr(task, "classes", None) else "numbers"
        fits = asked == "classes" or (
            getattr(task, "units", None) == 1 and hasattr(task, "scale")
        )
        if not fits or self._makers[asked] is None:
            raise ValueError(
                message(
                    f"classic {self.name!r}",
                    "it must have an answer for the task",
                    {"task": type(task).__name__},
                )
            )
        self.task = task
        x, y = data.tensors(split)
        self._rows = Rows(data, x)
        rows = self._form(x)
        y = np.asarray(y)
        if asked == "numbers":
            estimator = self._makers[asked]()
            y = (y.astype("float64") - task.mean) / task.scale
        else:
            estimator = self._makers[asked](self._rows.counts)
        if self._neighbors:
            fewer = min(estimator.n_neighbors, len(y))
            estimator.set_params(n_neighbors=fewer)
        self._estimator = estimator
        self._scaler = self._scale(rows)
        self._learn(rows, y, getattr(data.splits[split], "weight", None))
        return self

    def _form(self, x):
        rows = self._rows(x)
        dense = not self._rows.counts if self._dense is None else self._dense
        sparse = scipy.sparse.issparse(rows)
        return rows.toarray() if dense and sparse else rows

    def _scale(self, rows):
        scaler = FunctionTransformer()
        if self._scaled:
            sparse = scipy.sparse.issparse(rows)
            scaler = MaxAbsScaler() if sparse else StandardScaler()
        elif self.name == "lda" and not scipy.sparse.issparse(rows):
            scaler = MinMaxScaler(clip=True)
        return scaler.fit(rows)

    def _learn(self, rows, y, weight):
        given = {}
        takes = has_fit_parameter(self._estimator, "sample_weight")
        if weight is not None and takes:
            given["sample_weight"] = np.asarray(weight)
        self._estimator.fit(self._scaler.transform(rows), y, **given)

    def predict(self, x, *args, **kwargs):
        """Answers prepared examples as a network does.

        Args:
            x: array (n, ...), prepared.
            *args: left out; `keras.Model.predict` takes a batch size here.
            **kwargs: left out.

        Returns:
            float32 array (n, units), logits, or numbers on the task's scale.
        """
        rows = self._scaler.transform(self._form(np.asarray(x)))
        if not getattr(self.task, "classes", None):
            found = np.asarray(self._estimator.predict(rows))
            return found.reshape(-1, 1).astype("float32")
        known = np.asarray(self._estimator.classes_, "int64")
        if hasattr(self._estimator, "predict_proba"):
            found = np.full((rows.shape[0], self.task.classes), _LEAST)
            shares = self._estimator.predict_proba(rows)
            found[:, known] = np.maximum(shares, _LEAST)
            return np.log(found).astype("float32")
        far = self._estimator.decision_function(rows)
        if far.ndim == 1:
            far = np.stack([-far, far], 1) / 2.0
        found = np.full((len(far), self.task.classes), far.min() - 1.0)
        found[:, known] = far
        return found.astype("float32")

    predict_on_batch = predict

    def __call__(self, x, training=False):
        """Answers prepared examples; `training` changes nothing."""
        return self.predict(x)

    def count_params(self):
        """Gives None: trees and neighbours have no count to compare."""
        return None

    def __repr__(self):
        return f"<classic {self.name}>"


class Rows:
    """Makes flat rows of prepared examples.

    Args:
        data: Data that the examples are from.
        x: array (n, ...), prepared examples of train.

    Attributes:
        counts: bool, whether rows are counts of words.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("digits")
        >>> x, _ = data.tensors("train", limit=2)
        >>> Rows(data, x)(x).shape
        (2, 64)
    """

    def __init__(self, data, x):
        whole = np.issubdtype(x.dtype, np.integer) and x.ndim == 2
        self.counts = whole and data.schema.kind in ("text", "tokens")
        self._width = int(x.max(initial=0)) + 1
        self._sizes = dict(getattr(data, "indexed", {}))

    def __call__(self, x):
        """Gives a matrix (n, columns), sparse of counts and categories."""
        if self.counts:
            return self._count(x)
        if self._sizes:
            return self._widen(x)
        return x.reshape(len(x), -1).astype("float64")

    def _count(self, x):
        place = np.repeat(np.arange(len(x)), x.shape[1])
        word = x.ravel()
        kept = (word > 0) & (word < self._width)
        shape = (len(x), self._width)
        ones = (np.ones(kept.sum()), (place[kept], word[kept]))
        return scipy.sparse.csr_matrix(ones, shape=shape)

    def _widen(self, x):
        rest = [i for i in range(x.shape[1]) if i not in self._sizes]
        parts = [scipy.sparse.csr_matrix(x[:, rest].astype("float64"))]
        for place, size in self._sizes.items():
            ids, rows = x[:, place].astype("int64"), np.arange(len(x))
            ones = (np.ones(len(x)), (rows, ids))
            parts.append(scipy.sparse.csr_matrix(ones, shape=(len(x), size)))
        return scipy.sparse.hstack(parts, format="csr")


class Parts(BaseEstimator):
    """Parts found without labels; each answers as its members do.

    Args:
        form: "k_means" or "lda".
        count: int, the number of parts, or None.
        seed: int.
        classes: bool, whether labels are classes.

    Example:
        >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
        >>> parts = Parts("k_means", 2, classes=True).fit(x, [0, 0, 1, 1])
        >>> parts.predict_proba(x).argmax(1).tolist()
        [0, 0, 1, 1]
    """

    def __init__(self, form="k_means", count=None, seed=0, classes=False):
        self.form = form
        self.count = count
        self.seed = seed
        self.classes = classes

    def fit(self, x, y):
        """Finds the parts by `x` alone, then reads their answers from `y`."""
        y = np.asarray(y)
        self.classes_ = np.unique(y) if self.classes else None
        count = self.count or (
            _EACH * len(self.classes_) if self.classes else _SOME
        )
        count = min(count, x.shape[0])
        if self.form == "lda":
            made = LatentDirichletAllocation(count, random_state=self.seed)
        else:
            made = KMeans(count, n_init=4, random_state=self.seed)
        self._model = made.fit(x)
        share = self._shares(x)
        size = share.sum(0)[:, None]
        known = self.classes_ if self.classes else None
        hit = y[:, None] if known is None else y[:, None] == known
        hit = hit.astype("float64")
        # One more example in each, as all of them are on average.
        self._answers = (share.T @ hit + hit.mean(0)) / (size + 1.0)
        return self

    def _shares(self, x):
        if self.form == "lda":
            return self._model.transform(x)
        return np.eye(self._model.n_clusters)[self._model.predict(x)]

    def predict_proba(self, x):
        """Gives the probability of each class (n, classes)."""
        return self._shares(x) @ self._answers

    def predict(self, x):
        """Gives a number for each example (n,)."""
        return (self._shares(x) @ self._answers)[:, 0]
