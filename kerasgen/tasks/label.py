"""Tasks whose answer is a label."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import create, find, message, register, table
from kerasgen.losses import SoftCrossEntropy
from kerasgen.tasks.base import Measure, Task, probabilities
from kerasgen.tasks.named import also_of, criterion_of, measures_of, metric_of


@register("task")
@dataclasses.dataclass(frozen=True)
class Classification(Task):
    """One of several classes for each example.

    Args:
        classes: int, at least 2.
        labels: tuple of str, the classes' names, or empty for "0", "1", ...
        label_smoothing: float in [0, 1), the probability mass that training
            spreads over all classes.
        criterion: what training minimises: the name of a registered loss, or
            a mapping of its name and arguments; None takes cross-entropy.
            (The word `loss` is that of the method that makes it.)
        also: metrics that training and reports show beside accuracy: names
            of registered ones, such as "f1" and "auc", or mappings of `name`
            and arguments.

    Raises:
        ValueError: for fewer than two classes, names that don't fit them, an
            unknown loss or metric, or one of its arguments out of range.
        TypeError: for a loss or metric of another form.

    Source:
        Label smoothing: Szegedy et al., "Rethinking the Inception
        Architecture for Computer Vision", 2016, arXiv:1512.00567, section 7.

    Example:
        >>> task = Classification(3, labels=("a", "b", "c"))
        >>> task.correct([0, 2], np.eye(3)[[0, 1]]).tolist()
        [1.0, 0.0]
    """

    classes: int = 2
    labels: tuple = ()
    label_smoothing: float = 0.0
    criterion: object = dataclasses.field(default=None, hash=False)
    also: tuple = dataclasses.field(default=(), hash=False)

    target = "class"

    def __post_init__(self):
        if self.classes < 2:
            raise ValueError(
                message(
                    "Classification",
                    "`classes` must be at least 2",
                    {"classes": self.classes},
                )
            )
        names = tuple(str(name) for name in self.labels)
        names = names or tuple(str(index) for index in range(self.classes))
        if len(names) != self.classes:
            raise ValueError(
                message(
                    "Classification",
                    f"`labels` must name each of the {self.classes} classes",
                    {"labels": names},
                )
            )
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(
                message(
                    "Classification",
                    "`label_smoothing` must lie in [0, 1)",
                    {"label_smoothing": self.label_smoothing},
                )
            )
        object.__setattr__(self, "labels", names)
        if self.criterion is not None:
            object.__setattr__(self, "criterion", self._described())
        also = also_of("Classification", self.also, "label")
        object.__setattr__(self, "also", also)

    def _described(self):
        spec = criterion_of("Classification", self.criterion, "label")
        if self.label_smoothing:
            raise ValueError(
                message(
                    "Classification",
                    "`label_smoothing` belongs to cross-entropy alone",
                    {
                        "criterion": spec["name"],
                        "label_smoothing": self.label_smoothing,
                    },
                )
            )
        return spec

    @property
    def units(self):
        """int, one logit a class."""
        return self.classes

    def loss(self):
        """The criterion on logits, for whole numbers or distributions."""
        if self.criterion is not None:
            return create("loss", self.criterion)
        return SoftCrossEntropy(self.label_smoothing)

    def fitted(self, y):
        """Tells the criterion how often each class is, where it asks.

        Args:
            y: int array (n,) or float array (n, classes), the labels of the
                train split.

        Returns:
            Classification; the same where the criterion needs no counts, or
            was given some.

        Example:
            >>> task = Classification(2, criterion="logit_adjusted")
            >>> task.fitted([0, 0, 0, 1]).criterion["counts"]
            [3.0, 1.0]
        """
        spec = self.criterion
        if spec is None or "counts" not in table(find("loss", spec["name"])):
            return self
        if spec.get("counts") is not None:
            return self
        y = np.asarray(y)
        if y.ndim == 2:
            counts = y.sum(0)
        else:
            counts = np.bincount(y.astype("int64"), minlength=self.classes)
        counts = [float(count) for count in counts]
        return dataclasses.replace(self, criterion={**spec, "counts": counts})

    def metrics(self):
        """Accuracy, and the further ones that are asked for."""
        more = [each for each in self._further() if each.name != "accuracy"]
        return [ClassAccuracy(name="accuracy"), *more]

    def shown(self, metrics):
        """Makes metrics by name; see `Task.shown`."""
        return [metric_of(spec, classes=self.classes) for spec in metrics]

    def _further(self):
        return self.shown(self.also)

    def measures(self):
        """Accuracy first, then the log loss and what else is asked for."""
        own = [
            Measure("accuracy", self._hit, exact=True),
            Measure("nll", self._nll, better="lower", unit="nat"),
        ]
        return [*own, *measures_of(self._further(), ("accuracy", "nll"))]

    @staticmethod
    def _hit(y, outputs):
        y = np.asarray(y)
        y = y.argmax(-1) if y.ndim == 2 else y
        return (np.argmax(outputs, -1) == y).astype("float64")

    @staticmethod
    def _nll(y, outputs):
        y, found = np.asarray(y), probabilities(outputs)
        y = y if y.ndim == 2 else np.eye(found.shape[-1])[y.astype(int)]
        return -np.sum(y * np.log(np.maximum(found, 1e-12)), -1)

    def predict(self, outputs):
        """Gives label, class name, probability and logits.

        Args:
            outputs: float tensor (batch, classes), logits.

        Returns:
            dict with `label` (batch,) int, `probability` (batch, classes) and
            `logits` (batch, classes); the exporter adds the class names.
        """
        outputs = ops.cast(outputs, "float32")
        return {
            "label": ops.argmax(outputs, -1),
            "probability": ops.softmax(outputs, -1),
            "logits": outputs,
        }

    def check(self, y, where="Classification"):
        """Checks that labels are whole numbers in [0, classes)."""
        y = np.asarray(y)
        if y.ndim != 1:
            raise ValueError(
                message(
                    where,
                    "labels must be whole numbers of shape (n,)",
                    {"shape": y.shape},
                    "For one-hot labels pass y.argmax(-1).",
                )
            )
        if not np.issubdtype(y.dtype, np.integer) and not np.all(
            y == np.floor(y)
        ):
            raise ValueError(
                message(
                    where,
                    "labels must be whole numbers",
                    {"dtype": str(y.dtype)},
                )
            )
        if len(y) and (y.min() < 0 or y.max() >= self.classes):
            raise ValueError(
                message(
                    where,
                    f"labels must lie in [0, {self.classes - 1}]",
                    {"min": y.min().item(), "max": y.max().item()},
                )
            )


@keras.saving.register_keras_serializable("kerasgen.metric")
class ClassAccuracy(keras.metrics.Mean):
    """Share of right classes, for whole-number labels or distributions.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = ClassAccuracy()
        >>> logits = ops.array([[2.0, 1.0], [2.0, 1.0]])
        >>> _ = metric.update_state(ops.array([0, 1]), logits)
        >>> float(metric.result())
        0.5
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: (batch,) whole numbers, or (batch, classes).
            y_pred: float (batch, classes), logits.
            sample_weight: float (batch,), or None.
        """
        if len(y_true.shape) == 2 and y_true.shape[-1] == y_pred.shape[-1]:
            y_true = ops.argmax(y_true, -1)
        y_true = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        hit = ops.equal(y_true, ops.cast(ops.argmax(y_pred, -1), "int32"))
        return super().update_state(hit, sample_weight)
