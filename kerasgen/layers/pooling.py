"""Pooling over time by weights that are learnt."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, register
from kerasgen.layers.attention import weigh
from kerasgen.layers.base import Checked


@register("layer")
class AttentivePooling(Checked):
    """Sums up a sequence by means over time, weighed by a small network.

    Args:
        heads: int >= 1, the number of means with weights of their own.
        units: int >= 1, the network's width, or None for the channels'.
        spread: bool, whether the weighed deviations come beside the means.
        penalty: float >= 0, the factor of a loss that keeps the heads from
            looking at the same steps.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, channels); the output is (batch, heads
            times channels), or twice as wide with the deviations.
        mask: bool tensor (batch, time), what may be seen, or None.
        return_attention_scores: bool, whether the weights (batch, heads,
            time) come too.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Lin et al., "A Structured Self-attentive Sentence Embedding", 2017,
        arXiv:1703.03130, equations 6 to 8; the deviations are Okabe et al.'s,
        2018, arXiv:1803.10963, equation 6. With biases in the first layer.

    Example:
        >>> AttentivePooling(heads=2)(ops.ones((3, 5, 4))).shape
        TensorShape([3, 8])
    """

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "units": Int(1),
        "spread": Choice((False, True), search=(False, True)),
        "penalty": Float(0.0, search=(0.0, 1.0)),
    }

    def __init__(
        self, heads=1, units=None, spread=False, penalty=0.0, **kwargs
    ):
        values = {"heads": heads, "units": units, "spread": spread}
        super().__init__({**values, "penalty": penalty}, **kwargs)

    def build(self, input_shape):
        """Makes the network."""
        units = self.units or input_shape[-1]
        dense = keras.layers.Dense
        self.hidden = self.part(
            dense, units, "tanh", name="hidden", shape=input_shape
        )
        self.judge = self.part(
            dense, self.heads, use_bias=False, name="judge", shape=(None, units)
        )

    def call(self, x, mask=None, return_attention_scores=False, training=False):
        """Gives the means of each head side by side."""
        scores = ops.swapaxes(self.judge(self.hidden(x)), 1, 2)
        shown = None if mask is None else ops.cast(mask, "bool")[:, None]
        weights = weigh(scores, shown)
        if training and self.penalty:
            self.add_loss(self.penalty * ops.mean(_overlap(weights)))
        wide = ops.cast(x, "float32")
        found = ops.matmul(weights, wide)
        if self.spread:
            square = ops.matmul(weights, ops.square(wide))
            variance = ops.maximum(square - ops.square(found), 1e-6)
            found = ops.concatenate([found, ops.sqrt(variance)], 1)
        width = self.compute_output_shape(x.shape)[-1]
        found = ops.cast(ops.reshape(found, (-1, width)), x.dtype)
        return (found, weights) if return_attention_scores else found

    def compute_mask(self, x, previous_mask):
        """Gives none: there is no time any more."""
        return None

    def compute_output_shape(self, input_shape):
        """Gives (batch, width)."""
        width = self.heads * input_shape[-1] * (2 if self.spread else 1)
        return (input_shape[0], width)

    def compute_output_spec(
        self, x, mask=None, return_attention_scores=False, training=None
    ):
        """Gives the symbolic output, and the weights where asked for."""
        shape = self.compute_output_shape(x.shape)
        found = keras.KerasTensor(shape, self.compute_dtype)
        if not return_attention_scores:
            return found
        shape = (x.shape[0], self.heads, x.shape[1])
        return found, keras.KerasTensor(shape, "float32")


def _overlap(weights):
    met = ops.einsum("bht,bgt->bhg", weights, weights)
    gap = met - ops.eye(weights.shape[1])
    return ops.sum(ops.square(gap), (1, 2))
