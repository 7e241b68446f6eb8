"""Scheduled sampling (Bengio et al., 2015): learn to go on from one's own."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, register
from kerasgen.methods.base import Method

_RAMPS = ("linear", "sigmoid")


@register("method")
class ScheduledSampling(Method):
    """Trains a writer on words some of which are its own.

    A decoder that is trained on the true words before each step never sees
    its own errors. Here some of these words, at first none, are replaced by
    those that the model itself would have written there.

    Args:
        model: keras.Model of a dict with `target`, logits for each step, such
            as `seq2seq`; any other is trained as by ERM.
        task: kerasgen.Task.
        rate: float in [0, 1], the share of replaced words in the end.
        ramp: "linear" or "sigmoid", how it is reached.
        steps: int >= 1, the training steps until then.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Bengio et al., "Scheduled Sampling for Sequence Prediction with
        Recurrent Neural Networks", 2015, arXiv:1506.03099, section 2.4; its
        words come from a first pass over the true ones, for all steps at
        once, as in Mihaylova & Martins, "Scheduled Sampling for
        Transformers", 2019, arXiv:1906.07651.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.seq2seq((4,), 9, 8, size="tiny")
        >>> method = ScheduledSampling(model, kg.Translation(size=8))
        >>> method.compile("adam")
        >>> x = {"source": ops.ones((8, 4)), "target": ops.ones((8, 3))}
        >>> sorted(method.fit(x, ops.ones((8, 3)), verbose=0).history)
        ['loss', 'word_accuracy']
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.1, 0.5)),
        "ramp": Choice(_RAMPS, search=_RAMPS),
        "steps": Int(1),
    }

    def __init__(
        self,
        model,
        task,
        *,
        rate=0.25,
        ramp="linear",
        steps=2000,
        step="descent",
        name=None,
    ):
        super().__init__(
            model, task, step=step, name=name, rate=rate, ramp=ramp, steps=steps
        )
        self._seed = keras.random.SeedGenerator()

    def objective(self, batch):
        """Gives the task's loss; see `Method.objective`."""
        x = batch["x"]
        if isinstance(x, dict) and "target" in x:
            x = {**x, "target": self._mixed(x)}
        outputs = self.model(x, training=True)
        return {"task": self.task_loss(batch, outputs)}, outputs

    def _mixed(self, x):
        """The words before each step, some of them the model's own."""
        true = x["target"]
        first = self.model(x, training=False)
        own = ops.cast(ops.argmax(first, -1), true.dtype)
        # What is written at a step stands before the next one.
        own = ops.concatenate([true[:, :1], own[:, :-1]], 1)
        chance = keras.random.uniform(ops.shape(true), seed=self._seed)
        taken = ops.logical_and(chance < self._share(), ops.not_equal(true, 0))
        return ops.stop_gradient(ops.where(taken, own, true))

    def _share(self):
        done = ops.cast(self.optimizer.iterations, "float32") / self.steps
        if self.ramp == "sigmoid":
            # From 0.007 to 0.993 of the whole.
            return self.rate * ops.sigmoid(10.0 * done - 5.0)
        return self.rate * ops.minimum(done, 1.0)
