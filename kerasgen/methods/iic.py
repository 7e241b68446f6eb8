"""IIC (Ji et al., 2019): clusters that two views of an example share."""

import keras
from keras import ops

from kerasgen.core import Float, Int, fresh_layer, mean, register, split
from kerasgen.losses import shared_information
from kerasgen.methods.handed import Handed
from kerasgen.methods.pretraining import pooled
from kerasgen.methods.semi_supervised import joined
from kerasgen.methods.views import VIEW, View

# Heads are compared by a running mean that keeps so much of itself; every so
# many steps one that is so many nats ahead of the model's takes its place. More
# often would hurt: the optimizer's memory stays with the place.
_KEPT, _EVERY, _AHEAD = 0.99, 200, 0.01


@register("method")
class IIC(Handed):
    """Clusters without labels: two views tell as much as can be of each other.

    The information that the answers to two views of an example have in common
    is maximised, which keeps clusters apart, equal in size and steady at once,
    without a weight between these wishes. Where it leads depends on the start:
    several heads learn on the same features, and the one whose views share
    most is the model's. A head of finer clusters helps the features.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task; `Clustering`, or one with classes.
        heads: int >= 1, how many heads of clusters learn side by side.
        finer: int >= 0, the finer head's clusters for each of the model's;
            0 has no finer head.
        spread: float >= 0, the weight of the entropy of the clusters' sizes
            in the information: the greater, the more equal they are.
        view: augmentation of prepared examples, its name or description, or a
            list of them; None: a shift, turn, stretch and hidden square for
            images, numbers of other rows for rows, and noise.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, an argument is out of range, or inputs need a view of
            their own.
        TypeError: for a model that is no keras.Model.

    Source:
        Ji et al., "Invariant Information Clustering for Unsupervised Image
        Classification and Segmentation", 2019, arXiv:1807.06653, equations 3
        and 5. There the two kinds of heads take turns by the epoch, and the
        best head is chosen at the end.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.clusterer((4,), 2, size="tiny", kernel="linear")
        >>> method = IIC(model, kg.Clustering(2))
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['finer', 'information', 'loss', 'nmi']
    """

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "finer": Int(0, search=(0, 10)),
        "spread": Float(0.0, search=(1.0, 1.5)),
        "view": VIEW,
    }
    terms = ("information",)

    def __init__(
        self,
        model,
        task,
        *,
        heads=5,
        finer=5,
        spread=1.0,
        view=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            heads=heads,
            finer=finer,
            spread=spread,
            view=view,
        )
        self.features, self.head = split(model)
        self._seed = keras.random.SeedGenerator()
        # XLA has no kernel for moving images.
        self.supports_jit = False
        self.view = View("IIC", "view", view, model, strong=True)
        self.rivals = [
            fresh_layer(self.head, f"rival{i}") for i in range(1, heads)
        ]
        self.told = self.add_weight(
            shape=(heads,),
            initializer="zeros",
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="told",
        )
        if finer:
            self.terms = ("information", "finer")
            units = finer * model.output_shape[-1]
            self.fine = keras.layers.Dense(units, dtype="float32", name="fine")
            self.fine.build((None, self.features.output_shape[-1]))

    def players(self):
        """Lets the model and all other heads move; see `Method.players`."""
        parts = [self.model, *self.rivals, *([self.fine] if self.finer else ())]
        return {"model": sum((p.trainable_variables for p in parts), [])}

    def objective(self, batch):
        """Gives lack of shared information; see `Method.objective`."""
        n = ops.shape(keras.tree.flatten(batch["x"])[0])[0]
        views = [self.view(batch["x"], self._seed) for _ in range(2)]
        features = self.features(joined(*views), training=True)
        told = ops.stack(
            [
                self._shared(head(features, training=True))
                for head in (self.head, *self.rivals)
            ]
        )
        # As with moving statistics, a step that asks twice does no harm.
        old = ops.convert_to_tensor(self.told)
        self.told.assign(_KEPT * old + (1.0 - _KEPT) * told)
        terms = {"information": -mean(told)}
        if self.finer:
            terms["finer"] = -mean(self._shared(self.fine(pooled(features))))
        outputs = self.head(features[:n], training=False)
        return terms, ops.stop_gradient(outputs)

    def _shared(self, answers):
        one, two = ops.split(ops.cast(answers, "float32"), 2)
        return shared_information(one, two, self.spread)

    def settle(self, batch, outputs):
        """Lets the best of the heads be the model's; see `Method.settle`."""
        told = ops.convert_to_tensor(self.told)
        best = ops.argmax(told)
        due = ops.equal(self.optimizer.iterations % _EVERY, 0)
        ahead = ops.logical_and(due, told[best] > told[0] + _AHEAD)
        order = ops.arange(self.heads)
        swapped = ops.where(order == best, told[0], told)
        swapped = ops.where(order == 0, told[best], swapped)
        self.told.assign(ops.where(ahead, swapped, told))
        for place, rival in enumerate(self.rivals, 1):
            wins = ops.logical_and(ahead, ops.equal(best, place))
            pairs = zip(self.head.variables, rival.variables, strict=True)
            for own, other in pairs:
                # Both are made before either is written.
                mine = ops.where(wins, other, own)
                its = ops.where(wins, own, other)
                own.assign(mine)
                other.assign(its)
