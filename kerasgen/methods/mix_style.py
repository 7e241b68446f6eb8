"""MixStyle (Zhou et al., 2021): feature maps take on another's style."""

import keras
from keras import ops

from kerasgen.core import Float, Int, beta_share, message, register
from kerasgen.layers.mix_style import restyled
from kerasgen.methods.domain_mixup import strangers
from kerasgen.methods.grouped import Grouped
from kerasgen.methods.manifold_mixup import halves, places


@register("method")
class MixStyle(Grouped):
    """Mixes mean and deviation of feature maps with those of another domain.

    Args:
        model: keras.Model for images or sequences, logits out, functional,
            where all paths meet at least once in a feature map.
        task: kerasgen.Task.
        alpha: float > 0, both parameters of the Beta distribution of the
            share of an example's own style.
        chance: float in [0, 1], of a batch to be mixed.
        cuts: int >= 1, at most so many places to mix at, the first ones of
            the model; each batch draws one.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            feature map to mix, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Zhou et al., "Domain Generalization with MixStyle", 2021,
        arXiv:2104.02008, equations 4 to 7. One share is drawn for a batch,
        theirs for each example.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.image_classifier((8, 8, 1), 2, size="tiny")
        >>> method = MixStyle(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 8, 8, 1)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "alpha": Float(1e-3, search=(0.1, 1.0)),
        "chance": Float(0.0, 1.0),
        "cuts": Int(1),
    }

    def __init__(
        self,
        model,
        task,
        *,
        alpha=0.1,
        chance=0.5,
        cuts=2,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            alpha=alpha,
            chance=chance,
            cuts=cuts,
        )
        self._seed = keras.random.SeedGenerator()
        found = [halves(model, place) for place in places(model, 1000)]
        maps = [
            pair
            for pair in found
            if pair[0] is not None and len(pair[0].output_shape) > 2
        ]
        if not maps:
            raise ValueError(
                message(
                    "MixStyle",
                    "the model must have a feature map where all paths meet",
                    {"outputs": model.output_shape},
                    "For rows use DomainMixup.",
                )
            )
        self._halves = maps[: self.cuts]

    def objective(self, batch):
        """Gives the loss under mixed styles; see `Method.objective`."""
        other = strangers(batch["group"], self._seed)
        share = beta_share(self.alpha, self._seed)
        drawn = keras.random.uniform((), seed=self._seed) < self.chance
        # With a share of 1 every style stays its own.
        share = ops.where(drawn, share, ops.ones_like(share))

        def branch(lower, upper):
            def run():
                hidden = lower(batch["x"], training=True)
                return upper(restyled(hidden, other, share), training=True)

            return run

        branches = [branch(*pair) for pair in self._halves]
        place = keras.random.randint((), 0, len(branches), seed=self._seed)
        outputs = ops.switch(place, branches)
        return {"task": self.task_loss(batch, outputs)}, outputs
