"""Losses that wrong labels pull less: GCE, SCE, bootstrapping."""

from keras import ops

from kerasgen.core import Choice, Float, register
from kerasgen.losses.label_loss import LabelLoss


@register("loss")
class GeneralizedCrossEntropy(LabelLoss):
    """(1 - p^q) / q of the label's probability p, between CE and the error.

    An example's gradient is that of cross-entropy times p^q, so that labels
    which the model holds for unlikely, wrong ones among them, count less.

    Args:
        q: float in [0, 1]: 0 is cross-entropy, 1 the mean absolute error.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhang & Sabuncu, "Generalized Cross Entropy Loss for Training Deep
        Neural Networks with Noisy Labels", 2018, arXiv:1805.07836, equation
        6; not truncated. Keras's `CategoricalGeneralizedCrossEntropy` is the
        same on probabilities and one-hot labels.

    Example:
        >>> loss = GeneralizedCrossEntropy(q=1.0)
        >>> float(loss(ops.array([0]), ops.array([[0.0, 0.0]])))
        0.5
    """

    arguments = {"q": Float(0.0, 1.0, search=(0.3, 0.9))}

    def __init__(self, q=0.7, **kwargs):
        super().__init__(q=q, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        lost = -ops.expm1(self.q * logs) / self.q if self.q else -logs
        return ops.sum(target * lost, -1)


@register("loss")
class SymmetricCrossEntropy(LabelLoss):
    """Cross-entropy, and the same with label and prediction exchanged.

    The second part, -sum p log t with log 0 = `floor`, is -floor (1 - p) of a
    sure label: it is bounded, and the same for all wrong answers.

    Args:
        alpha: float >= 0, the weight of cross-entropy.
        beta: float >= 0, the weight of the reverse.
        floor: float <= 0, what stands for the logarithm of zero.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Wang et al., "Symmetric Cross Entropy for Robust Learning with Noisy
        Labels", 2019, arXiv:1908.06112, equations 5 to 7, with their A the
        floor.

    Example:
        >>> loss = SymmetricCrossEntropy(alpha=0.0, beta=1.0)
        >>> float(loss(ops.array([0]), ops.array([[0.0, 0.0]])))
        2.0
    """

    arguments = {
        "alpha": Float(0.0, search=(0.01, 6.0), log=True),
        "beta": Float(0.0, search=(0.1, 3.0), log=True),
        "floor": Float(high=0.0),
    }

    def __init__(self, alpha=0.1, beta=1.0, floor=-4.0, **kwargs):
        super().__init__(alpha=alpha, beta=beta, floor=floor, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        # The tiny number only keeps the logarithm finite: `floor` is greater.
        told = ops.maximum(ops.log(ops.maximum(target, 1e-37)), self.floor)
        one = -ops.sum(target * logs, -1)
        other = -ops.sum(ops.exp(logs) * told, -1)
        return self.alpha * one + self.beta * other


@register("loss")
class Bootstrapping(LabelLoss):
    """Cross-entropy with labels that are mixed with the model's own answer.

    Args:
        beta: float in [0, 1], the share of the given label; 1 is
            cross-entropy.
        answer: "soft" mixes with the probabilities, "hard" with the likeliest
            class.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Reed et al., "Training Deep Neural Networks on Noisy Labels with
        Bootstrapping", 2015, arXiv:1412.6596, equations 6 and 7; they take
        0.95 for soft and 0.8 for hard. Gradients flow through the soft
        answer, as in their equation.

    Example:
        >>> loss = Bootstrapping(beta=0.8, answer="hard")
        >>> logits = ops.array([[2.0, 0.0]])
        >>> round(float(loss(ops.array([1]), logits)), 4)
        1.7269
    """

    arguments = {
        "beta": Float(0.0, 1.0, search=(0.5, 1.0)),
        "answer": Choice(("soft", "hard"), search=("soft", "hard")),
    }

    def __init__(self, beta=0.8, answer="soft", **kwargs):
        super().__init__(beta=beta, answer=answer, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        if self.answer == "hard":
            own = ops.one_hot(ops.argmax(logs, -1), logits.shape[-1])
        else:
            own = ops.exp(logs)
        mixed = self.beta * target + (1.0 - self.beta) * own
        return -ops.sum(mixed * logs, -1)
