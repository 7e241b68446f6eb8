"""ADDA (Tzeng et al., 2017): the target gets an encoder of its own."""

import keras
from keras import ops

from kerasgen.core import Float, Int, clone, mean, register, split
from kerasgen.layers.discriminator import network
from kerasgen.methods.adaptation import Adaptation, flat
from kerasgen.methods.base import Phase


@register("method")
class ADDA(Adaptation):
    """Trains on the source, then an encoder whose target looks like it.

    For `warm_up` steps the model learns the task alone. From then on the head
    and a copy of the features stay as they are, and the model's features move
    until a judge takes the target's for the copy's of the source. What is
    left in `model` answers the target.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        warm_up: int >= 0, the steps on the source alone; a third of the
            training is a good choice. 0 is for a model trained before.
        weight: float >= 0, of what the judge tells the features.
        anchor: float >= 0, of the task on the source after the first steps,
            which keeps the classes where the head knows them; 0 leaves the
            features to the judge, as published.
        width: int >= 1, of the judge's two hidden layers.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Tzeng et al., "Adversarial Discriminative Domain Adaptation", 2017,
        arXiv:1702.05464, equations 7 to 9. They train one phase to its end
        before the other; here the judge learns from the first step on.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = ADDA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'judge', 'loss', 'target', 'task']
    """

    arguments = {
        "warm_up": Int(0),
        "weight": Float(0.0, search=(0.003, 1.0), log=True),
        "anchor": Float(0.0),
        "width": Int(1),
    }
    terms = ("task", "target", "judge")

    def __init__(
        self,
        model,
        task,
        *,
        warm_up=200,
        weight=0.02,
        anchor=1.0,
        width=128,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            warm_up=warm_up,
            weight=weight,
            anchor=anchor,
            width=width,
        )
        self.source = clone(model)
        self.source.name = "source"
        self._encoder, self._fixed = split(self.source)
        self.judge = network(self.feature_width(), width)

    def players(self):
        """Names who moves: the model, the judge."""
        return {
            "model": self.model.trainable_variables,
            "judge": self.judge.trainable_variables,
        }

    def phases(self):
        """Lists the moves; see `Method.phases`."""
        return [Phase(self.judging, "judge"), Phase(self.objective)]

    def train_step(self, data):
        """Makes the moves of one batch; the copy follows, or holds the head."""
        logs = super().train_step(data)
        early = self.optimizer.iterations <= self.warm_up
        for old, new in zip(
            self.source.variables, self.model.variables, strict=True
        ):
            if keras.backend.is_float_dtype(old.dtype):
                old.assign(ops.where(early, new, old))
        for held, new in zip(
            self._fixed.variables, self.head.variables, strict=True
        ):
            new.assign(held)
        return logs

    def judging(self, batch):
        """Gives the judge's loss on features that stay."""
        source, target = (
            ops.stop_gradient(flat(encoder(x, training=True)))
            for encoder, x in zip(
                (self._encoder, self.features),
                (batch["x"], batch["unlabeled"]),
                strict=True,
            )
        )
        one, two = (self.judge(seen)[:, 0] for seen in (source, target))
        lost = mean(ops.softplus(-one)) + mean(ops.softplus(two))
        return {"judge": 0.5 * lost}, None

    def objective(self, batch):
        """Gives the terms of the model's move; see `Method.objective`."""
        _, target, outputs, _ = self.both(batch)
        early = self.optimizer.iterations < self.warm_up
        anchor = ops.where(early, 1.0, self.anchor)
        weight = ops.where(early, 0.0, self.weight)
        # The target's label is the source's.
        fooled = mean(ops.softplus(-self.judge(target)[:, 0]))
        return {
            "task": anchor * self.task_loss(batch, outputs),
            "target": weight * fooled,
        }, outputs
