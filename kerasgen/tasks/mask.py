"""Tasks whose answer is a mask: one class for each pixel."""

import dataclasses
import functools
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from kerasgen.core import Float, Int, create, instance, message, register
from kerasgen.losses import LabelLoss, MaskLoss, known_masks
from kerasgen.metrics import mean_dice, mean_iou, overlap_counts
from kerasgen.tasks.base import Measure, Task

_VOID = 255
# So many masks of a split on the disk are looked at before training.
_LOOK = 256
_USUAL = ("background", "object")


@register("task")
@dataclasses.dataclass(frozen=True)
class Segmentation(Task):
    """One of several classes for each pixel.

    Args:
        labels: tuple of str, the classes' names in order, or int, how many
            there are.
        criterion: what training minimises: the name of a registered loss, a
            mapping of its name and arguments, or a list of such, which are
            added up, each times its `weight`, 1 if none is given; None takes
            cross-entropy. Losses of labels are averaged over the pixels.
        ignore: int, the label of pixels that nobody has labelled: they count
            in no loss and no measure.
        background: bool, whether class 0 is the ground, which the headline
            then leaves out.

    Raises:
        ValueError: for fewer than two classes, an unknown loss or one of its
            arguments out of range.
        TypeError: for a loss of another form.

    Example:
        >>> task = Segmentation(("ground", "nucleus"), criterion="dice")
        >>> y = np.array([[[0, 1], [1, 255]]])
        >>> outputs = np.array([[[[2.0, 0], [0, 2]], [[2, 0], [2, 0]]]])
        >>> measure = task.headline
        >>> measure.reduce_values(measure.values(y, outputs))
        0.6666666666666666
    """

    target = "mask"

    labels: tuple = _USUAL
    criterion: object = dataclasses.field(default=None, hash=False)
    ignore: int = _VOID
    background: bool = True

    def __post_init__(self):
        instance("Segmentation", "labels", self.labels, (tuple, list, int))
        labels = self.labels
        labels = range(labels) if isinstance(labels, int) else labels
        labels = tuple(str(name) for name in labels)
        if len(labels) < 2:
            raise ValueError(
                message(
                    "Segmentation",
                    "there must be at least 2 classes",
                    {"labels": self.labels},
                )
            )
        Int(0).check("Segmentation", "ignore", self.ignore)
        object.__setattr__(self, "labels", labels)
        if self.criterion is not None:
            made = _described(self.criterion, self.ignore)
            object.__setattr__(self, "criterion", made)

    @property
    def units(self):
        """int, one logit a class."""
        return len(self.labels)

    def loss(self):
        """The criterion on logits: one number for each image."""
        parts = self.criterion or ["soft_cross_entropy"]
        parts = [parts] if isinstance(parts, Mapping) else parts
        return ImageLoss(parts, self.ignore)

    def metrics(self):
        """Dice coefficient and mean intersection over union."""
        given = {"units": self.units, "ignore": self.ignore}
        return [
            Overlap(score="dice", skip=self._skip, name="dice", **given),
            Overlap(score="mean_iou", name="mean_iou", **given),
        ]

    @property
    def _skip(self):
        return (0,) if self.background else ()

    def measures(self):
        """Dice coefficient first, then mean intersection over union."""
        dice = functools.partial(mean_dice, skip=self._skip)
        return [
            Measure("dice", self._counts, unit="share", reduce=dice),
            Measure("mean_iou", self._counts, unit="share", reduce=mean_iou),
        ]

    def _counts(self, y, outputs):
        y = np.asarray(y)
        if y.ndim == 4 and y.shape[-1] == self.units:
            void = y.sum(-1) == 0
            y = np.where(void, self.ignore, y.argmax(-1))
        found = np.argmax(outputs, -1)
        return overlap_counts(y, found, self.units, self.ignore)

    def predict(self, outputs):
        """Gives mask and probabilities.

        Args:
            outputs: float tensor (batch, height, width, classes), logits.

        Returns:
            dict with `mask` (batch, height, width) int and `probability`
            (batch, height, width, classes).
        """
        outputs = ops.cast(outputs, "float32")
        return {
            "mask": ops.argmax(outputs, -1),
            "probability": ops.softmax(outputs, -1),
        }

    def check(self, y, where="Segmentation"):
        """Checks that masks are whole numbers of classes (n, height, width)."""
        if np.ndim(y) != 3 or np.dtype(y.dtype).kind not in "biu":
            raise ValueError(
                message(
                    where,
                    "masks must be whole numbers (n, height, width)",
                    {"y": tuple(np.shape(y)), "dtype": str(y.dtype)},
                )
            )
        seen = np.asarray(y[:_LOOK])
        known = seen[seen != self.ignore]
        if known.size and (known.min() < 0 or known.max() >= self.units):
            raise ValueError(
                message(
                    where,
                    f"masks must hold classes 0 to {self.units - 1}, or "
                    f"{self.ignore} for none",
                    {"min": known.min().item(), "max": known.max().item()},
                )
            )


def _described(criterion, ignore):
    """Losses as mappings of name, weight and arguments, checked."""
    one = not isinstance(criterion, (list, tuple))
    found = []
    for spec in [criterion] if one else criterion:
        spec = {"name": spec} if isinstance(spec, str) else spec
        if not isinstance(spec, Mapping) or "name" not in spec:
            raise TypeError(
                message(
                    "Segmentation",
                    "`criterion` must be a name, a mapping with a `name`, or a "
                    "list of such",
                    {"criterion": criterion},
                )
            )
        made, weight = _made(spec, ignore)
        known = made.get_config()
        given = {
            key: known[key] for key in spec if key not in ("name", "weight")
        }
        found.append({"name": spec["name"], "weight": weight, **given})
    if not found:
        raise ValueError(
            message(
                "Segmentation",
                "`criterion` must name a loss",
                {"criterion": criterion},
            )
        )
    return found


def _made(spec, ignore):
    spec = {"name": spec} if isinstance(spec, str) else dict(spec)
    weight = spec.pop("weight", 1.0)
    Float(0.0).check("Segmentation", "weight", weight)
    made = create("loss", spec)
    if not isinstance(made, LabelLoss):
        raise ValueError(
            message(
                "Segmentation",
                "`criterion` must name losses of classes",
                {"criterion": spec["name"]},
            )
        )
    if isinstance(made, MaskLoss):
        made = create("loss", {**spec, "ignore": ignore})
    return made, weight


@keras.saving.register_keras_serializable("kerasgen.loss")
class ImageLoss(keras.losses.Loss):
    """Losses of masks added up, one number for each image.

    Args:
        parts: list of names of losses, or mappings of `name`, `weight` and
            arguments; losses of labels are averaged over the known pixels.
        ignore: int, the label of pixels that don't count.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = ImageLoss(["soft_cross_entropy"])
        >>> y, logits = ops.array([[[0, 255]]]), ops.zeros((1, 1, 2, 2))
        >>> round(float(loss(y, logits)), 4)
        0.6931
    """

    def __init__(
        self,
        parts,
        ignore=_VOID,
        reduction="sum_over_batch_size",
        name="image_loss",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.parts = list(parts)
        self.ignore = ignore
        self._made = [_made(spec, ignore) for spec in self.parts]

    def call(self, y_true, y_pred):
        """Gives one value per image.

        Args:
            y_true: (batch, height, width) whole numbers, or distributions
                (batch, height, width, classes).
            y_pred: float (batch, height, width, classes), logits.

        Returns:
            float32 (batch,).
        """
        logits = ops.cast(y_pred, "float32")
        target, known = known_masks(y_true, logits, self.ignore)
        total = 0.0
        for made, weight in self._made:
            if isinstance(made, MaskLoss):
                each = made.images(target, ops.softmax(logits, -1), known)
            else:
                each = _mean_over(made.values(target, logits), known)
            total = total + weight * each
        return total

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "parts": self.parts,
            "ignore": self.ignore,
        }


def _mean_over(values, known):
    size = (ops.shape(values)[0], -1)
    values, known = ops.reshape(values, size), ops.reshape(known, size)
    count = ops.maximum(ops.sum(known, -1), 1.0)
    return ops.sum(values * known, -1) / count


@keras.saving.register_keras_serializable("kerasgen.metric")
class Overlap(keras.metrics.Metric):
    """Dice coefficient or intersection over union of all pixels seen.

    Args:
        units: int, the number of classes.
        score: "dice" or "mean_iou".
        skip: tuple of the classes that are left out.
        ignore: int, the label of pixels that don't count.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = Overlap(2, skip=(0,))
        >>> logits = ops.one_hot(ops.array([[1, 1, 1]]), 2)
        >>> _ = metric.update_state(ops.array([[0, 1, 1]]), logits)
        >>> round(float(metric.result()), 4)
        0.8
    """

    def __init__(
        self,
        units,
        score="dice",
        skip=(),
        ignore=_VOID,
        name="dice",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.units, self.score, self.ignore = units, score, ignore
        self.skip = tuple(skip)
        self.counts = self.add_weight(
            shape=(3, units), initializer="zeros", name="counts"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: (batch, ...) whole numbers, or distributions.
            y_pred: float (batch, ..., classes), logits.
            sample_weight: float (batch,), or None.
        """
        target, known = known_masks(y_true, y_pred, self.ignore)
        most = ops.one_hot(ops.argmax(target, -1), self.units)
        target = most * known[..., None]
        found = ops.one_hot(ops.argmax(y_pred, -1), self.units)
        found = found * known[..., None]
        size = (ops.shape(found)[0], -1, self.units)
        target, found = ops.reshape(target, size), ops.reshape(found, size)
        right = ops.sum(target * found, 1)
        extra, missed = ops.sum(found, 1) - right, ops.sum(target, 1) - right
        each = ops.stack([right, extra, missed], 1)
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float32")
            each = each * ops.reshape(weight, (-1, 1, 1))
        self.counts.assign_add(ops.cast(ops.sum(each, 0), self.counts.dtype))

    def result(self):
        """The score of all pixels so far; 1 before any class is seen."""
        right, extra, missed = ops.unstack(ops.convert_to_tensor(self.counts))
        scale = 2.0 if self.score == "dice" else 1.0
        whole = scale * right + extra + missed
        counted = np.ones(self.units, "float32")
        counted[list(self.skip)] = 0.0
        there = ops.cast(whole > 0, "float32") * counted
        each = scale * right / ops.maximum(whole, 1.0)
        total = ops.sum(there)
        mean = ops.sum(each * there) / ops.maximum(total, 1.0)
        return ops.where(total > 0, mean, 1.0)

    def get_config(self):
        """Gives the metric's arguments."""
        own = ("units", "score", "skip", "ignore")
        config = {name: getattr(self, name) for name in own}
        return {**super().get_config(), **config, "skip": list(self.skip)}
