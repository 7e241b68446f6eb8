"""DEC (Xie et al., 2016): clusters that grow purer, from k-means on."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, mean, message, register, split
from kerasgen.layers import ClusterCentres
from kerasgen.methods.base import Method
from kerasgen.methods.coder import decoder, input_of
from kerasgen.methods.k_means import k_means
from kerasgen.methods.pretraining import pooled

_CRITERIA = ("self_training", "k_means")
# How many codes k-means looks at, and how often it starts.
_BANK, _STARTS = 2048, 5


@register("method")
class DEC(Method):
    """Clusters without labels: an autoencoder's code, then purer clusters.

    First a decoder rebuilds examples from the model's features alone. Then
    centres begin at those of k-means, where the head has some, and
    assignments are drawn to purer ones ("self_training"), or features to
    their centres ("k_means", deep k-means, for centres alone). With
    `rebuild` above 0 the decoder goes on beside (IDEC), so that features
    stay true to the examples.

    Args:
        model: keras.Model of one float input, logits out, with a layer
            `head`; `clusterer` makes one with centres.
        task: kerasgen.Task; `Clustering`, or one with classes.
        criterion: "self_training" or "k_means".
        rebuild: float >= 0, the weight of the rebuilding beside the
            clustering; 0 is DEC.
        weight: float >= 0, of the clustering.
        warm_up: int >= 0, the steps of rebuilding alone.
        width: int >= 1, of the decoder's hidden layer, or its channels.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, an argument is out of range, or "k_means" is asked for
            without centres.
        TypeError: for a model that is no keras.Model.

    Source:
        Xie et al., "Unsupervised Deep Embedding for Clustering Analysis",
        2016, arXiv:1511.06335, equations 2 to 5; Guo et al., "Improved Deep
        Embedded Clustering with Local Structure Preservation", 2017, equation
        12; Fard et al., "Deep k-Means", 2020, arXiv:1806.10069, equation 4.
        Targets are those of the batch over the clusters' sizes, a running
        mean, where there they are of the whole set every so many steps; and
        k-means sees the last 2,048 codes.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.clusterer((4,), 2, size="tiny")
        >>> method = DEC(model, kg.Clustering(2), warm_up=1)
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['cluster', 'loss', 'nmi', 'rebuild']
    """

    arguments = {
        "criterion": Choice(_CRITERIA, search=_CRITERIA),
        "rebuild": Float(0.0, search=(0.1, 10.0), log=True),
        "weight": Float(0.0, search=(0.01, 1.0), log=True),
        "warm_up": Int(0),
        "width": Int(1),
    }
    terms = ("rebuild", "cluster")

    def __init__(
        self,
        model,
        task,
        *,
        criterion="self_training",
        rebuild=1.0,
        weight=0.1,
        warm_up=1000,
        width=64,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            criterion=criterion,
            rebuild=rebuild,
            weight=weight,
            warm_up=warm_up,
            width=width,
        )
        self.features, self.head = split(model)
        self.centred = isinstance(self.head, ClusterCentres)
        if criterion == "k_means" and not self.centred:
            raise ValueError(
                message(
                    "DEC",
                    "`criterion` needs a head of centres",
                    {"criterion": criterion, "head": type(self.head).__name__},
                    "Use kerasgen.clusterer(..., kernel='gaussian').",
                )
            )
        shape = input_of("DEC", model)
        wide = self.features.output_shape[-1]
        self.decoder = decoder(wide, shape, width)
        units = model.output_shape[-1]
        frozen = {
            "trainable": False,
            "dtype": "float32",
            "aggregation": "mean",
        }
        self.sizes = self.add_weight(
            shape=(units,),
            initializer=keras.initializers.Constant(1.0 / units),
            name="sizes",
            **frozen,
        )
        if self.centred:
            self._seed = keras.random.SeedGenerator()
            # Codes aren't averaged over replicas: those of the first serve.
            frozen["aggregation"] = "only_first_replica"
            self.bank = self.add_weight(
                shape=(_BANK, wide), initializer="zeros", name="bank", **frozen
            )
            self.held = self.add_weight(
                shape=(_BANK,), initializer="zeros", name="held", **frozen
            )

    def players(self):
        """Lets model and decoder move; see `Method.players`."""
        parts = (self.model, self.decoder)
        return {"model": sum((p.trainable_variables for p in parts), [])}

    def objective(self, batch):
        """Gives the errors of code and clusters; see `Method.objective`."""
        features = pooled(self.features(batch["x"], training=True))
        outputs = self.head(features, training=True)
        told = ops.cast(self.decoder(features, training=True), "float32")
        gap = ops.square(told - ops.cast(batch["x"], "float32"))
        lost = ops.mean(gap, tuple(range(1, len(gap.shape))))
        warm = self.optimizer.iterations < self.warm_up
        rebuild = ops.where(warm, 1.0, self.rebuild)
        weight = ops.where(warm, 0.0, self.weight)
        return {
            "rebuild": rebuild * mean(lost),
            "cluster": weight * mean(self._impure(features, outputs)),
        }, outputs

    def _impure(self, features, outputs):
        log_shares = ops.log_softmax(ops.cast(outputs, "float32"))
        if self.criterion == "k_means":
            near = ops.exp(log_shares) * self.head.distances(features)
            return ops.sum(near, -1)
        sizes = ops.maximum(ops.convert_to_tensor(self.sizes), 1e-6)
        purer = ops.log_softmax(2.0 * log_shares - ops.log(sizes))
        purer = ops.stop_gradient(purer)
        return ops.sum(ops.exp(purer) * (purer - log_shares), -1)

    def settle(self, batch, outputs):
        """Remembers sizes and codes, and starts the clusters once."""
        now = ops.mean(ops.softmax(ops.cast(outputs, "float32")), 0)
        sizes = ops.convert_to_tensor(self.sizes)
        self.sizes.assign(sizes + 0.05 * (now - sizes))
        if self.centred and self.warm_up:
            self._begin(batch["x"])

    def _begin(self, x):
        """Remembers codes while it warms up, and then begins at their means.

        Only tensors are made under conditions: replicas can't meet there to
        write or to draw.
        """
        steps = self.optimizer.iterations
        draws = (_STARTS, self.head.clusters)
        draws = keras.random.uniform(draws, 1e-6, 1.0, seed=self._seed)
        bank, held = (ops.convert_to_tensor(v) for v in (self.bank, self.held))
        bank, held = ops.cond(
            steps <= self.warm_up,
            lambda: self._recent(x, bank, held),
            lambda: (bank, held),
        )
        self.bank.assign(bank)
        self.held.assign(held)
        bank, held = (ops.convert_to_tensor(v) for v in (self.bank, self.held))
        now = ops.equal(steps, self.warm_up)
        centres = ops.convert_to_tensor(self.head.centres)
        found = ops.cond(
            now, lambda: k_means(bank, held, draws), lambda: centres
        )
        self.head.centres.assign(found)
        sizes = ops.convert_to_tensor(self.sizes)
        sizes = ops.cond(now, lambda: self._shares(bank, held), lambda: sizes)
        self.sizes.assign(sizes)

    def _recent(self, x, bank, held):
        codes = pooled(self.features(x, training=False))
        fresh = ops.ones_like(codes[:, 0])
        bank = ops.concatenate([codes, bank], 0)[:_BANK]
        return bank, ops.concatenate([fresh, held], 0)[:_BANK]

    def _shares(self, bank, held):
        shares = ops.softmax(self.head(bank)) * held[:, None]
        return ops.sum(shares, 0) / ops.maximum(ops.sum(held), 1.0)
