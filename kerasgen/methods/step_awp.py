"""AWP (Wu et al., 2020): weights made worse, layer by layer."""

from keras import ops

from kerasgen.core import Float, register
from kerasgen.methods.step import Sharpness


@register("step")
class AWP(Sharpness):
    """Adversarial weight perturbation: the loss stays low where weights move.

    Each matrix or kernel moves along its own gradient, by a share of its own
    length; biases and scales stay. Under a robust method the changed inputs
    are those of the weights as they were.

    Args:
        gamma: float >= 0, the share of a weight's length; 0 is plain descent.

    Raises:
        ValueError: for a negative share.

    Source:
        Wu et al., "Adversarial Weight Perturbation Helps Robust
        Generalization", 2020, arXiv:2004.05884, equations 8 to 10 with one
        alternation and one step.

    Example:
        >>> AWP(gamma=0.01).get_config()
        {'gamma': 0.01}
    """

    arguments = {"gamma": Float(0.0, search=(1e-3, 2e-2), log=True)}

    def __init__(self, gamma=5e-3):
        super().__init__(gamma=gamma)

    def shifts(self, gradients, variables):
        """Gives a length for each kernel; see the base."""
        return [
            self._shift(ops.convert_to_tensor(gradient), variable)
            for gradient, variable in zip(gradients, variables, strict=True)
        ]

    def _shift(self, gradient, variable):
        if len(variable.shape) < 2:
            return ops.zeros_like(gradient)
        way = gradient / (_length(gradient) + 1e-12)
        return self.gamma * _length(ops.convert_to_tensor(variable)) * way


def _length(x):
    # First by the greatest, so that squares don't vanish.
    most = ops.max(ops.abs(x)) + 1e-30
    return most * ops.sqrt(ops.sum(ops.square(x / most)))
