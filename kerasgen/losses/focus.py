"""Losses that bend cross-entropy towards hard or easy examples."""

from keras import ops

from kerasgen.core import Float, register
from kerasgen.losses.label_loss import LabelLoss


@register("loss")
class Focal(LabelLoss):
    """Cross-entropy times (1 - p)^gamma: sure answers hardly count.

    Args:
        gamma: float >= 0; 0 is cross-entropy.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Lin et al., "Focal Loss for Dense Object Detection", 2017,
        arXiv:1708.02002, equation 4, over a softmax; their weights of classes
        are `kerasgen.data.weigh`.

    Example:
        >>> loss = Focal(gamma=1.0)
        >>> round(float(loss(ops.array([0]), ops.array([[0.0, 0.0]]))), 4)
        0.3466
    """

    arguments = {"gamma": Float(0.0, search=(0.5, 5.0))}

    def __init__(self, gamma=2.0, **kwargs):
        super().__init__(gamma=gamma, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        # Of a power below one the slope at zero is infinite.
        left = ops.maximum(-ops.expm1(logs), 1e-7)
        return -ops.sum(target * left**self.gamma * logs, -1)


@register("loss")
class Poly1(LabelLoss):
    """Cross-entropy plus epsilon (1 - p), its first polynomial term.

    Args:
        epsilon: float >= -1, the weight of the term; 0 is cross-entropy.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Leng et al., "PolyLoss: A Polynomial Expansion Perspective of
        Classification Loss Functions", 2022, arXiv:2204.12511, equation 6.

    Example:
        >>> loss = Poly1(epsilon=2.0)
        >>> round(float(loss(ops.array([0]), ops.array([[0.0, 0.0]]))), 4)
        1.6931
    """

    arguments = {"epsilon": Float(-1.0, search=(-1.0, 3.0))}

    def __init__(self, epsilon=1.0, **kwargs):
        super().__init__(epsilon=epsilon, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        lost = -logs - self.epsilon * ops.expm1(logs)
        return ops.sum(target * lost, -1)
