"""TENT (Wang et al., 2021): predictions become sure while they are made."""

from keras import ops

from kerasgen.core import Float, register
from kerasgen.online.base import STREAM, Adapter


@register("adapter")
class TENT(Adapter):
    """Lowers the entropy of predictions by scale and offset of normalization.

    Batch normalization takes the statistics of the batch; group and layer
    normalization have none, and their scale and offset move alike.

    Args:
        model: keras.Model with normalization, logits of classes out.
        learning_rate: float >= 0, of Adam.
        alpha: float in [0, 1], the greatest share of the batch's statistics.
        prior: float >= 0, how many examples the source's statistics count as.
        memory: int >= 0, the examples kept for streams whose classes come
            one after the other; 0 is the published method, which such a
            stream ruins.
        name: str, the name of the Keras model.

    Raises:
        ValueError: for a model without normalization, or an argument out of
            range.
        TypeError: for a model that is no keras.Model.

    Source:
        Wang et al., "Tent: Fully Test-Time Adaptation by Entropy
        Minimization", 2021, arXiv:2006.10726, equation 1 and section 3.2. The
        memory follows Gong et al., "NOTE", 2022, arXiv:2208.05117; that
        ruined weights go back to the source follows Niu et al., "Towards
        Stable Test-Time Adaptation in Dynamic Wild World", 2023,
        arXiv:2302.12400, whose sign is a low entropy, while ours is that the
        memory's examples are told apart no longer.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> live = TENT(model)
        >>> live.predict(keras.ops.ones((8, 4)), verbose=0).shape
        (8, 2)
        >>> live.reset()
    """

    arguments = {"learning_rate": Float(0.0), **STREAM}
    learns = True

    def __init__(
        self,
        model,
        *,
        learning_rate=1e-3,
        alpha=1.0,
        prior=16.0,
        memory=0,
        name=None,
        **values,
    ):
        super().__init__(
            model,
            learning_rate=learning_rate,
            alpha=alpha,
            prior=prior,
            memory=memory,
            name=name,
            **values,
        )

    def loss_of(self, logits, rows):
        """Gives the mean entropy of what counts; see `Adapter.loss_of`."""
        found = entropies(logits)
        return ops.sum(found * rows) / ops.maximum(ops.sum(rows), 1.0)


def entropies(logits):
    """Measures how unsure each prediction is.

    Args:
        logits: float tensor (n, ..., classes).

    Returns:
        float tensor (n,), in nats; the mean where an example has many.

    Example:
        >>> round(float(entropies(ops.zeros((1, 4)))[0]), 4)
        1.3863
    """
    logs = ops.log_softmax(ops.cast(logits, "float32"))
    found = -ops.sum(ops.exp(logs) * logs, -1)
    if len(found.shape) > 1:
        found = ops.mean(found, list(range(1, len(found.shape))))
    return found
