"""DRCN (Ghifary et al., 2016): features of the target must tell its inputs."""

import keras
from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.coder import decoder, input_of


@register("method")
class DRCN(Adaptation):
    """Classifies the source, and rebuilds the target from the same features.

    A decoder, made for the shapes of features and inputs, draws the target's
    examples anew, so that features keep what the target's examples look like.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the squared error of what is rebuilt; 0 is ERM.
        noise: float >= 0, the standard deviation of what is added to the
            target's inputs after `prepare`, and must be taken away again.
        width: int >= 1, of the decoder's hidden layers.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, its inputs aren't real numbers, or an argument is out of
            range.
        TypeError: for a model that is no keras.Model.

    Source:
        Ghifary et al., "Deep Reconstruction-Classification Networks for
        Unsupervised Domain Adaptation", 2016, arXiv:1607.03516, equation 3,
        with both losses in each step (theirs take turns by epoch), and noise
        for their augmentation and masks.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DRCN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss', 'rebuild', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 10.0), log=True),
        "noise": Float(0.0, search=(0.0, 0.5)),
        "width": Int(1),
    }
    terms = ("task", "rebuild")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        noise=0.1,
        width=64,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            noise=noise,
            width=width,
        )
        shape = input_of("DRCN", model)
        self.decoder = decoder(self.feature_width(), shape, width)
        self._seed = keras.random.SeedGenerator()

    def players(self):
        """Lets the decoder move with the model; see `Method.players`."""
        variables = self.model.trainable_variables
        return {"model": [*variables, *self.decoder.trainable_variables]}

    def objective(self, batch):
        """Gives the losses of task and rebuilding; see `Method.objective`."""
        target = seen = ops.cast(batch["unlabeled"], "float32")
        if self.noise:
            drawn = keras.random.normal(ops.shape(target), seed=self._seed)
            seen = target + self.noise * drawn
        _, code, outputs, _ = self.both({**batch, "unlabeled": seen})
        rebuilt = self.decoder(code, training=True)
        error = self.weight * mean(ops.square(rebuilt - target))
        return {
            "task": self.task_loss(batch, outputs),
            "rebuild": error,
        }, outputs
