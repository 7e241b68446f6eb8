"""Trimming: what a batch's strangest examples would teach is left out."""

import keras
from keras import ops

from kerasgen.core import Float, check_arguments, register


@register("layer")
class TrimGradient(keras.layers.Layer):
    """Passes its input, but no gradient to the highest numbers of a batch.

    Where the input is a loss or score of each example, a model then learns
    from the others alone: strangers in the training data don't become
    familiar. Each column is trimmed by itself, in training only.

    Args:
        share: float in [0, 0.9], of the batch, from which nothing is learnt.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output is `x`, bit for bit.

    Raises:
        ValueError: for a share out of range.

    Source:
        Rousseeuw, "Least Median of Squares Regression", 1984, section 4, for
        least trimmed squares; in batches as in Qiu et al., "Latent Outlier
        Exposure for Anomaly Detection with Contaminated Data", 2022,
        arXiv:2202.08088, whose strangers teach the opposite instead.

    Example:
        >>> TrimGradient(0.5)(ops.array([[1.0], [2.0]])).numpy().tolist()
        [[1.0], [2.0]]
    """

    arguments = {"share": Float(0.0, 0.9, search=(0.0, 0.3))}

    def __init__(self, share=0.1, **kwargs):
        super().__init__(**kwargs)
        check_arguments("TrimGradient", self.arguments, {"share": share})
        self.share = share
        self.supports_masking = True

    def call(self, x, training=False):
        """Gives `x`."""
        if not training or not self.share:
            return x
        high = ops.quantile(
            ops.cast(ops.stop_gradient(x), "float32"), 1.0 - self.share, axis=0
        )
        kept = ops.cast(x, "float32") <= high
        return ops.where(kept, x, ops.stop_gradient(x))

    def compute_output_shape(self, input_shape):
        """Gives the input's shape."""
        return input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "share": self.share}
