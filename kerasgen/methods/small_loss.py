"""Small-loss selection (Han et al., 2018): a batch's likeliest labels count."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.base import Method


@register("method")
class SmallLoss(Method):
    """Learns from the part of each batch that has the smallest losses.

    Networks learn right labels first, so that examples with great losses are
    likelier to be wrong. The part left out grows from nothing to `forget`.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        forget: float in [0, 0.95], the share of examples that is left out in
            the end: the share of wrong labels, where it is known; 0 is ERM.
        ramp: int >= 1, the steps over which that share grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Han et al., "Co-teaching: Robust Training of Deep Neural Networks with
        Extremely Noisy Labels", 2018, arXiv:1804.06872, algorithm 1 with one
        network, which chooses for itself.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SmallLoss(model, kg.Classification(2), forget=0.4)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "forget": Float(0.0, 0.95, search=(0.0, 0.6)),
        "ramp": Int(1, search=(200, 5000), log=True),
    }

    def __init__(
        self, model, task, *, forget=0.2, ramp=1000, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, forget=forget, ramp=ramp
        )

    def objective(self, batch):
        """Gives the loss of the chosen part; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        losses = example_losses(self, batch, outputs)
        kept = smallest(losses, left_out(self))
        return {"task": mean(weighted(batch, kept * losses))}, outputs


def example_losses(method, batch, outputs):
    """Gives the task's loss of each example, whatever its weight.

    Args:
        method: Method, compiled.
        batch: dict with `y`.
        outputs: the model's outputs.

    Returns:
        float32 tensor (n,).

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SmallLoss(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> batch = {"y": ops.array([0, 1])}
        >>> example_losses(method, batch, ops.zeros((2, 2))).shape
        TensorShape([2])
    """
    losses = method._task_loss.call(batch["y"], outputs)
    return ops.reshape(ops.cast(losses, "float32"), (-1,))


def weighted(batch, losses):
    """Multiplies losses by the examples' weights, where there are some.

    Args:
        batch: dict with `weight`.
        losses: float tensor (n,).

    Returns:
        float tensor (n,).

    Example:
        >>> weighted({"weight": None}, ops.ones((2,))).shape
        TensorShape([2])
    """
    if batch["weight"] is None:
        return losses
    return losses * ops.cast(ops.reshape(batch["weight"], (-1,)), "float32")


def left_out(method):
    """Gives the share that a method's schedule leaves out by now.

    Args:
        method: Method with `forget` and `ramp`, compiled.

    Returns:
        float scalar.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SmallLoss(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> float(left_out(method))
        0.0
    """
    steps = ops.cast(method.optimizer.iterations, "float32")
    return method.forget * ops.minimum(steps / method.ramp, 1.0)


def smallest(losses, share):
    """Marks the smallest of a batch's losses.

    Args:
        losses: float tensor (n,).
        share: float scalar in [0, 1), the share that is left out.

    Returns:
        float tensor (n,), n / kept where an example is kept and 0 elsewhere,
        so that its mean is 1; at least one is kept.

    Example:
        >>> found = smallest(ops.array([3.0, 1.0, 2.0, 9.0]), 0.5)
        >>> ops.convert_to_numpy(found).tolist()
        [0.0, 2.0, 2.0, 0.0]
    """
    losses = ops.stop_gradient(losses)
    n = ops.cast(ops.shape(losses)[0], "float32")
    # A whole number but for rounding is that number.
    kept = ops.maximum(ops.floor((1.0 - share) * n + 1e-3), 1.0)
    order = ops.argsort(ops.argsort(losses))
    chosen = ops.cast(ops.cast(order, "float32") < kept, "float32")
    return chosen * n / kept
