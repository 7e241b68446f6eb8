"""IMSAT (Hu et al., 2017): clusters that tell much, and that views keep."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, mean, register
from kerasgen.losses import mutual_information
from kerasgen.methods.handed import Handed
from kerasgen.methods.smoothness import divergence, virtual_adversarial
from kerasgen.methods.views import VIEW, View

_NEARBY = ("view", "adversarial")


@register("method")
class IMSAT(Handed):
    """Clusters without labels: information maximised, nearby answers alike.

    What the model's outputs tell of an example is maximised, so that all
    clusters are used and each example is surely in one; and an example's
    answer is that of its views, or of the worst point nearby. The invariance
    decides what the clusters are.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task; `Clustering`, or one with classes.
        weight: float >= 0, of the information beside the invariance.
        spread: float >= 0, of the entropy of the mean answer in the
            information: the greater, the more equal are the clusters' sizes.
        nearby: "view" for changed copies, or "adversarial" for the direction
            that moves answers most.
        epsilon: float >= 0, how far "adversarial" goes, as the length of an
            example's whole change after `prepare`.
        view: augmentation of prepared examples, its name or description, or a
            list of them; None: a shift, turn, stretch and hidden square for
            images, numbers of other rows for rows, and noise.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, an argument
            is out of range, or inputs need a view of their own.
        TypeError: for a model that is no keras.Model.

    Source:
        Hu et al., "Learning Discrete Representations via Information
        Maximizing Self-Augmented Training", 2017, arXiv:1702.08720, equations
        3 to 7. There the distance is that to an example's tenth neighbour,
        and the entropy of the mean answer is kept above a bound instead of
        weighted by `spread`.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.clusterer((4,), 2, size="tiny", kernel="linear")
        >>> method = IMSAT(model, kg.Clustering(2))
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['information', 'invariance', 'loss', 'nmi']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 4.0), log=True),
        "spread": Float(0.0, search=(1.0, 4.0)),
        "nearby": Choice(_NEARBY, search=_NEARBY),
        "epsilon": Float(0.0, search=(0.1, 5.0), log=True),
        "view": VIEW,
    }
    terms = ("information", "invariance")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        spread=2.0,
        nearby="view",
        epsilon=1.0,
        view=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            spread=spread,
            nearby=nearby,
            epsilon=epsilon,
            view=view,
        )
        self._seed = keras.random.SeedGenerator()
        if nearby == "view":
            # XLA has no kernel for moving images.
            self.supports_jit = False
            self.view = View("IMSAT", "view", view, model, strong=True)

    def objective(self, batch):
        """Gives lack of information and unsteadiness; see `Method`."""
        outputs = self.model(batch["x"], training=True)
        logits = ops.cast(outputs, "float32")
        if self.nearby == "view":
            other = self.model(self.view(batch["x"], self._seed), training=True)
            moved = divergence(ops.stop_gradient(logits), other)
        else:
            moved = virtual_adversarial(
                lambda x: self.model(x, training=True),
                batch["x"],
                logits,
                epsilon=self.epsilon,
                probe=0.1,
                turns=1,
                seed=self._seed,
            )
        share = ops.mean(ops.softmax(logits), 0)
        whole = -ops.sum(share * ops.log(ops.maximum(share, 1e-12)))
        told = mutual_information(logits) + (self.spread - 1.0) * whole
        return {
            "information": -self.weight * mean(told),
            "invariance": mean(moved),
        }, outputs
