"""Cross-entropy for labels of either form, with label smoothing."""

from keras import ops

from kerasgen.core import Float, register
from kerasgen.losses.label_loss import LabelLoss, is_distribution


@register("loss")
class SoftCrossEntropy(LabelLoss):
    """Cross-entropy on logits, for whole-number labels or distributions.

    Mixed examples have labels that are distributions, plain ones have whole
    numbers: with this loss both work without the user choosing.

    Args:
        label_smoothing: float in [0, 1), the probability mass that is spread
            over all classes.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Szegedy et al., "Rethinking the Inception Architecture for Computer
        Vision", 2016, arXiv:1512.00567, section 7.

    Example:
        >>> loss = SoftCrossEntropy()
        >>> round(float(loss(ops.array([0]), ops.array([[0.0, 0.0]]))), 4)
        0.6931
    """

    arguments = {"label_smoothing": Float(0.0, 0.999999, search=(0.0, 0.3))}

    def __init__(self, label_smoothing=0.0, **kwargs):
        kwargs.setdefault("name", "cross_entropy")
        super().__init__(label_smoothing=label_smoothing, **kwargs)

    def call(self, y_true, y_pred):
        """Gives one value per example; see `LabelLoss.call`."""
        if self.label_smoothing or is_distribution(y_true, y_pred):
            return super().call(y_true, y_pred)
        logits = ops.cast(y_pred, "float32")
        places = ops.reshape(ops.cast(y_true, "int32"), ops.shape(logits)[:-1])
        return ops.sparse_categorical_crossentropy(
            places, logits, from_logits=True
        )

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        if self.label_smoothing:
            spread = self.label_smoothing / logits.shape[-1]
            target = target * (1.0 - self.label_smoothing) + spread
        return -ops.sum(target * ops.log_softmax(logits, -1), -1)
