"""Batch statistics of what is predicted (Schneider, Nado et al., 2020)."""

from kerasgen.core import register
from kerasgen.online.base import STREAM, Adapter


@register("adapter")
class BatchStatistics(Adapter):
    """Normalises each batch by its own statistics, mixed with the source's.

    No weight moves. Of all adaptations it is the cheapest: one forward pass.

    Args:
        model: keras.Model with batch normalization.
        alpha: float in [0, 1], the greatest share of the batch.
        prior: float >= 0, how many examples the source's statistics count as.
        memory: int >= 0, the examples kept for streams whose classes come
            one after the other; 0 for streams in random order.
        name: str, the name of the Keras model.

    Raises:
        ValueError: for a model without batch normalization, or an argument
            out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Schneider et al., 2020, arXiv:2006.16971; Nado et al., 2020,
        arXiv:2006.10963. The memory is NOTE's, see `Memory`.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> live = BatchStatistics(model)
        >>> live.predict(keras.ops.ones((8, 4)), verbose=0).shape
        (8, 2)
    """

    arguments = STREAM

    def __init__(self, model, *, alpha=1.0, prior=16.0, memory=0, name=None):
        super().__init__(
            model, alpha=alpha, prior=prior, memory=memory, name=name
        )
