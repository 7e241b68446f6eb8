"""A judge of domains, against which features are trained."""

from keras import ops

from kerasgen.core import mean
from kerasgen.layers.discriminator import network
from kerasgen.layers.gradient import reverse_gradient
from kerasgen.methods.adaptation import Adaptation


class Judged(Adaptation):
    """A method with a network that tells the domains apart.

    A subclass declares `weight`, `width` and `ramp`, and writes `judged`.
    """

    def __init__(self, model, task, *, width, **values):
        super().__init__(model, task, width=width, **values)
        self.judge = network(self.judged(), width, self.verdicts())

    def judged(self):
        """Gives the width of what the judge sees."""
        return self.feature_width()

    def verdicts(self):
        """Gives the number of the judge's outputs."""
        return 1

    def players(self):
        """Lets the judge move with the model; see `Method.players`."""
        variables = self.model.trainable_variables
        return {"model": [*variables, *self.judge.trainable_variables]}

    def factor(self):
        """Gives what the gradient is multiplied with by now, turned round."""
        return self.weight * self.grown()

    def domain_loss(self, source, target, weights=(1.0, 1.0)):
        """Gives the judge's loss, whose gradient by what it sees is turned.

        Args:
            source: float tensor (n, d).
            target: float tensor (m, d).
            weights: pair of float tensors (n,) and (m,), or of numbers.

        Returns:
            float scalar.
        """
        factor = self.factor()
        one, two = (
            self.judge(reverse_gradient(seen, factor), training=True)[:, 0]
            for seen in (source, target)
        )
        found = ops.softplus(-one) * weights[0], ops.softplus(two) * weights[1]
        return 0.5 * (mean(found[0]) + mean(found[1]))
