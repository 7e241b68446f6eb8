"""Losses that know how labels went wrong: forward and backward correction."""

import numpy as np
from keras import ops

from kerasgen.core import Numbers, message, register
from kerasgen.losses.label_loss import LabelLoss, fitting


@register("loss")
class ForwardCorrection(LabelLoss):
    """Cross-entropy of the given labels with what noise makes of answers.

    Probabilities p of the true class become p T before they are compared; the
    logits themselves are those of the true class. Logarithms are added up
    without leaving their scale, which takes classes^2 numbers an example.

    Args:
        matrix: list of list of float >= 0, T: in row i the chances of what a
            label of class i becomes, as `kerasgen.data.transition` and
            `kerasgen.data.noise_matrix` give it; None corrects nothing.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for rows that don't add up to 1, or a matrix of another
            number of classes than the logits have.

    Source:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: a
        Loss Correction Approach", 2017, arXiv:1609.03683, theorem 2.

    Example:
        >>> loss = ForwardCorrection(matrix=[[0.5, 0.5], [0.0, 1.0]])
        >>> logits = ops.array([[0.0, 0.0]])
        >>> round(float(loss(ops.array([0]), logits)), 4)
        1.3863
    """

    arguments = {"matrix": Numbers(2)}

    def __init__(self, matrix=None, **kwargs):
        super().__init__(matrix=_chances("ForwardCorrection", matrix), **kwargs)

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        logs = ops.log_softmax(logits, -1)
        if self.matrix is not None:
            matrix = fitting("ForwardCorrection", "matrix", self.matrix, logits)
            turned = ops.log(ops.maximum(matrix, 1e-12))
            logs = ops.logsumexp(logs[..., None] + turned, -2)
        return -ops.sum(target * logs, -1)


@register("loss")
class BackwardCorrection(LabelLoss):
    """Cross-entropy that is unbiased: its mean over the noise is the clean one.

    The losses of all labels are mixed by the inverse of T. A single value may
    be negative, and its variance is great where T is nearly singular.

    Args:
        matrix: list of list of float >= 0, T: in row i the chances of what a
            label of class i becomes, as `kerasgen.data.transition` and
            `kerasgen.data.noise_matrix` give it; None corrects nothing.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for rows that don't add up to 1, a matrix that has no
            inverse, or one of another number of classes than the logits have.

    Source:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: a
        Loss Correction Approach", 2017, arXiv:1609.03683, theorem 1.

    Example:
        >>> loss = BackwardCorrection(matrix=[[0.5, 0.5], [0.0, 1.0]])
        >>> logits = ops.array([[0.0, 0.0]])
        >>> round(float(loss(ops.array([0]), logits)), 4)
        0.6931
    """

    arguments = {"matrix": Numbers(2)}

    def __init__(self, matrix=None, **kwargs):
        where = "BackwardCorrection"
        super().__init__(matrix=_chances(where, matrix), **kwargs)
        self._inverse = None
        if self.matrix is not None:
            if np.linalg.cond(self.matrix) > 1e6:
                raise ValueError(
                    message(
                        where,
                        "`matrix` must have an inverse",
                        {"matrix": self.matrix},
                        "ForwardCorrection needs none.",
                    )
                )
            self._inverse = np.linalg.inv(self.matrix).tolist()

    def values(self, target, logits):
        """Gives one value per example; see `LabelLoss.values`."""
        lost = -ops.log_softmax(logits, -1)
        if self._inverse is not None:
            where = "BackwardCorrection"
            inverse = fitting(where, "matrix", self._inverse, logits)
            target = ops.matmul(target, inverse)
        return ops.sum(target * lost, -1)


def _chances(where, matrix):
    if matrix is None:
        return None
    matrix = Numbers(2).check(where, "matrix", matrix)
    if not np.allclose(np.sum(matrix, 1), 1.0, atol=1e-4):
        raise ValueError(
            message(
                where,
                "each row of `matrix` must add up to 1",
                {"matrix": matrix},
            )
        )
    return matrix
