"""Losses that know how frequent classes are: logit adjustment, LDAM, CB."""

import numpy as np
from keras import ops

from kerasgen.core import Float, Numbers, register
from kerasgen.losses.label_loss import LabelLoss, fitting


@register("loss")
class LogitAdjusted(LabelLoss):
    """Cross-entropy on logits to which tau log(prior) is added in training.

    The logits themselves then rank classes as if all were equally frequent.
    Only the loss adds the prior: nothing is changed where the model answers.

    Args:
        tau: float >= 0; 0 is cross-entropy, 1 aims at balanced accuracy.
        counts: list of float >= 0, the examples or the share of each class in
            training; None takes all for equally frequent. A recipe, and
            `Classification.fitted`, fill them in from the train split.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range, or counts of another number
            of classes than the logits have.

    Source:
        Menon et al., "Long-tail learning via logit adjustment", 2021,
        arXiv:2007.07314, equation 10.

    Example:
        >>> loss = LogitAdjusted(counts=[3, 1])
        >>> round(float(loss(ops.array([1]), ops.array([[0.0, 0.0]]))), 4)
        1.3863
    """

    arguments = {"tau": Float(0.0, search=(0.5, 2.0)), "counts": Numbers()}

    def __init__(self, tau=1.0, counts=None, **kwargs):
        super().__init__(tau=tau, counts=counts, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        if self.counts is not None:
            where = type(self).__name__
            counts = fitting(where, "counts", self.counts, logits)
            share = counts / ops.sum(counts)
            logits = logits + self.tau * ops.log(ops.maximum(share, 1e-12))
        return -ops.sum(target * ops.log_softmax(logits, -1), -1)


@register("loss")
class BalancedSoftmax(LogitAdjusted):
    """Cross-entropy under a softmax that counts each class by its examples.

    Args:
        counts: list of float >= 0, the examples or the share of each class in
            training; None takes all for equally frequent. A recipe, and
            `Classification.fitted`, fill them in from the train split.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for counts out of range, or of another number of classes
            than the logits have.

    Source:
        Ren et al., "Balanced Meta-Softmax for Long-Tailed Visual
        Recognition", 2020, arXiv:2007.10740, equation 3: logit adjustment
        with tau = 1. Their meta sampler is not part of it.

    Example:
        >>> loss = BalancedSoftmax(counts=[3, 1])
        >>> round(float(loss(ops.array([1]), ops.array([[0.0, 0.0]]))), 4)
        1.3863
    """

    arguments = {"counts": Numbers()}

    tau = 1.0

    def __init__(self, counts=None, **kwargs):
        LabelLoss.__init__(self, counts=counts, **kwargs)


@register("loss")
class LDAM(LabelLoss):
    """Cross-entropy with a margin that is greater for rarer classes.

    The margin of a class of n examples is proportional to n^(-1/4), and is
    taken off the label's logit. `kerasgen.methods.DeferredReweighting` gives
    the schedule that goes with it.

    Args:
        margin: float >= 0, that of the rarest class.
        scale: float > 0, what logits are multiplied by after the margin; 30
            goes with a head of cosines, 1 with a common one.
        counts: list of float >= 0, the examples or the share of each class in
            training; None takes all for equally frequent. A recipe, and
            `Classification.fitted`, fill them in from the train split.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range, or counts of another number
            of classes than the logits have.

    Source:
        Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware
        Margin Loss", 2019, arXiv:1906.07413, equations 10 and 13.

    Example:
        >>> loss = LDAM(margin=1.0, counts=[16, 1])
        >>> logits = ops.array([[0.0, 0.0], [0.5, 0.0]])
        >>> each = ops.convert_to_numpy(loss.call(ops.array([1, 0]), logits))
        >>> round(float(each[0]), 4), round(float(each[1]), 4)
        (1.3133, 0.6931)
    """

    arguments = {
        "margin": Float(0.0, search=(0.1, 2.0), log=True),
        "scale": Float(1e-6, search=(1.0, 30.0), log=True),
        "counts": Numbers(),
    }

    def __init__(self, margin=0.5, scale=1.0, counts=None, **kwargs):
        super().__init__(margin=margin, scale=scale, counts=counts, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        margins = self.margin
        if self.counts is not None:
            counts = fitting("LDAM", "counts", self.counts, logits)
            # A class without examples counts as one of the rarest that is.
            there = ops.where(counts > 0, counts, ops.max(counts))
            rare = ops.maximum(counts, ops.min(there)) ** -0.25
            margins = self.margin * rare / ops.max(rare)
        logits = self.scale * (logits - target * margins)
        return -ops.sum(target * ops.log_softmax(logits, -1), -1)


@register("loss")
class ClassBalanced(LabelLoss):
    """Focal loss in which rare classes weigh more, by effective numbers.

    A class of n examples weighs (1 - beta) / (1 - beta^n): nearly 1 / n for
    few examples, and the same for all that have many. Weights are 1 on
    average over classes.

    Args:
        beta: float in [0, 1), 0 weighs classes alike; near 1 by 1 / n.
        gamma: float >= 0, of the focal loss; 0 is cross-entropy.
        counts: list of float >= 0, the examples of each class in training;
            None takes all for equally frequent. A recipe, and
            `Classification.fitted`, fill them in from the train split.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range, or counts of another number
            of classes than the logits have.

    Source:
        Cui et al., "Class-Balanced Loss Based on Effective Number of
        Samples", 2019, arXiv:1901.05555, equations 11 and 13, over a softmax.

    Example:
        >>> loss = ClassBalanced(beta=0.9999, counts=[3, 1])
        >>> logits = ops.array([[0.0, 0.0], [0.0, 0.0]])
        >>> found = loss.call(ops.array([0, 1]), logits)
        >>> round(float(found[1] / found[0]), 2)
        3.0
    """

    arguments = {
        "beta": Float(0.0, 0.9999999, search=(0.9, 0.9999)),
        "gamma": Float(0.0, search=(0.0, 2.0)),
        "counts": Numbers(),
    }

    def __init__(self, beta=0.999, gamma=0.0, counts=None, **kwargs):
        super().__init__(beta=beta, gamma=gamma, counts=counts, **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        if self.counts is not None:
            fitting("ClassBalanced", "counts", self.counts, logits)
            target = target * ops.convert_to_tensor(self._weights(), "float32")
        if self.gamma:
            # Of a power below one the slope at zero is infinite.
            left = ops.maximum(-ops.expm1(logs), 1e-7)
            target = target * left**self.gamma
        return -ops.sum(target * logs, -1)

    def _weights(self):
        # A class without examples counts as one of a single one.
        counts = np.maximum(np.asarray(self.counts), 1.0)
        weights = (1.0 - self.beta) / (1.0 - self.beta**counts)
        return weights / weights.mean()
