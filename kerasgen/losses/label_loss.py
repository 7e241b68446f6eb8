"""What losses of labels share: any form of labels in, one number each out."""

from keras import ops

from kerasgen.core import message
from kerasgen.losses.base import OwnLoss


class LabelLoss(OwnLoss):
    """A loss on logits for whole-number labels or distributions.

    A subclass declares its `arguments` and writes `values`. Any Keras model
    that gives logits can be compiled with it.

    Args:
        **values: the subclass's declared arguments, and `reduction`, `name`
            and `dtype`, as in Keras.

    Attributes:
        arguments: mapping of argument name to its range.
    """

    asks = "label"

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: (batch,) or (batch, 1) whole numbers, or (batch, classes);
                masks and tags have further axes behind the batch's.
            y_pred: float (batch, classes), logits.

        Returns:
            float (batch,).
        """
        logits = ops.cast(y_pred, "float32")
        return self.values(distributions(y_true, logits), logits)

    def values(self, target, logits):
        """Gives one value per example; a subclass writes this.

        Args:
            target: float32 (batch, classes), distributions.
            logits: float32 (batch, classes).

        Returns:
            float32 (batch,).
        """
        raise NotImplementedError


def is_distribution(y, logits):
    """Says whether labels are distributions over the classes of logits.

    Args:
        y: tensor of labels.
        logits: float tensor (..., classes).

    Returns:
        bool.

    Example:
        >>> is_distribution(ops.zeros((4,)), ops.zeros((4, 2)))
        False
    """
    same = len(y.shape) == len(logits.shape)
    return same and y.shape[-1] == logits.shape[-1]


def distributions(y, logits):
    """Writes labels as distributions over the classes of logits.

    Args:
        y: whole numbers (batch,) or (batch, 1), or (batch, classes).
        logits: float tensor (batch, classes).

    Returns:
        float32 tensor (batch, classes).

    Example:
        >>> target = distributions(ops.array([1]), ops.zeros((1, 3)))
        >>> ops.convert_to_numpy(target).tolist()
        [[0.0, 1.0, 0.0]]
    """
    if is_distribution(y, logits):
        return ops.cast(y, "float32")
    places = ops.reshape(ops.cast(y, "int32"), ops.shape(logits)[:-1])
    return ops.one_hot(places, logits.shape[-1], dtype="float32")


def fitting(where, name, values, logits):
    """Checks that numbers of classes are as many as the logits.

    Args:
        where: str, who complains.
        name: str, the argument.
        values: list, one entry for each class.
        logits: float tensor (batch, classes).

    Returns:
        float32 tensor.

    Raises:
        ValueError: for another number of classes.

    Example:
        >>> fitting("Loss", "counts", [3.0, 5.0], ops.zeros((1, 2))).shape
        TensorShape([2])
    """
    if len(values) != logits.shape[-1]:
        raise ValueError(
            message(
                where,
                f"`{name}` must be of {logits.shape[-1]} classes",
                {name: values},
            )
        )
    return ops.convert_to_tensor(values, "float32")
