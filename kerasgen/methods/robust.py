"""What methods share that train on inputs made worse within a ball."""

import keras
from keras import ops

from kerasgen.attacks.base import BOUNDS
from kerasgen.core import Choice, Float, Int, message
from kerasgen.methods.base import Method
from kerasgen.methods.perturb import NORMS, perturb

BALL = {
    "epsilon": Float(0.0),
    "norm": Choice(NORMS),
    "steps": Int(1),
    "size": Float(0.0),
    **BOUNDS,
}


class Robust(Method):
    """A method with an attack; a subclass writes `judged`, maybe `harm`.

    The attack runs once for each move, before the step asks for gradients:
    steps that ask twice see the same changed inputs. It asks the model as it
    will be used: without dropout, by moving statistics, which it leaves as
    they are.
    """

    def __init__(self, model, task, **values):
        super().__init__(model, task, **values)
        smooth_input(self)
        self._seed = keras.random.SeedGenerator()

    def objective(self, batch):
        """Gives the terms on changed inputs; see `Method.objective`."""
        return self.judged(self.attacked(batch))

    def judged(self, batch):
        """Gives the terms, with `batch["worse"]`; a subclass writes this."""
        raise NotImplementedError

    def harm(self, batch):
        """Gives the function of inputs that the attack raises: the loss."""

        def value(x):
            return self._task_loss(batch["y"], self.model(x, training=False))

        return value

    def grown(self):
        """Gives the share of epsilon that is reached by now."""
        ramp = getattr(self, "ramp", 0)
        if not ramp:
            return 1.0
        done = ops.cast(self.optimizer.iterations, "float32") + 1.0
        return ops.minimum(done / ramp, 1.0)

    def attacked(self, batch):
        """Adds `worse` to a batch, inputs that harm; once."""
        if batch.get("worse") is not None:
            return batch
        share = self.grown()
        size = getattr(self, "size", 0.0)
        worse = perturb(
            self.harm(batch),
            batch["x"],
            epsilon=self.epsilon * share,
            norm=self.norm,
            steps=self.steps,
            size=size * share if size else 0.0,
            low=self.low,
            high=self.high,
            seed=self._seed,
        )
        return {**batch, "worse": worse}

    def both(self, batch):
        """Answers inputs and changed inputs in one pass.

        Moving statistics are updated once, by all of them together.

        Args:
            batch: dict with `x` and `worse`.

        Returns:
            Pair of float tensors (n, units).
        """
        x = ops.cast(batch["x"], "float32")
        whole = ops.concatenate([x, batch["worse"]], 0)
        outputs = self.model(whole, training=True)
        n = ops.shape(x)[0]
        return outputs[:n], outputs[n:]

    def _move(self, phase, batch, step):
        return super()._move(phase, self.attacked(batch), step)


def smooth_input(method):
    """Refuses a model that doesn't take one tensor of floats.

    Args:
        method: Method.

    Raises:
        ValueError: where its model takes several inputs, or whole numbers.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> smooth_input(kg.methods.ERM(model, kg.Classification(2)))
    """
    inputs = getattr(method.model, "inputs", None) or ()
    kinds = [keras.backend.standardize_dtype(each.dtype) for each in inputs]
    if len(kinds) > 1 or any("float" not in kind for kind in kinds):
        raise ValueError(
            message(
                type(method).__name__,
                "the model must take one tensor of floats",
                {"inputs": kinds},
                "Words and categories have no slopes; embed them first.",
            )
        )
