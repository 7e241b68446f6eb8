"""Layers whose output is drawn from a distribution that they are told."""

import keras
from keras import ops

from kerasgen.core import register


@register("layer")
class GaussianSample(keras.layers.Layer):
    """Draws from normal distributions, so that gradients reach them.

    At inference the mean comes out.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        mean: float tensor (batch, ...).
        log_variance: float tensor of that shape; the output has it, too.

    Source:
        Kingma & Welling, "Auto-Encoding Variational Bayes", 2014,
        arXiv:1312.6114, section 2.4.

    Example:
        >>> GaussianSample()(ops.ones((1, 2)), ops.zeros((1, 2))).numpy()
        array([[1., 1.]], dtype=float32)
    """

    tries = ((8,), (8,))

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._seed = keras.random.SeedGenerator()

    def call(self, mean, log_variance, training=False):
        """Gives a sample, or the mean."""
        if not training:
            return mean
        noise = keras.random.normal(
            ops.shape(mean), dtype=mean.dtype, seed=self._seed
        )
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, mean_shape, log_variance_shape):
        """Gives the shape of the mean."""
        return mean_shape


def kl_to_standard(mean, log_variance):
    """Gives how far normal distributions are from the standard one.

    Args:
        mean: float tensor (batch, d).
        log_variance: float tensor (batch, d).

    Returns:
        float tensor (batch,), the Kullback-Leibler divergence in nats.

    Source:
        Kingma & Welling, 2014, arXiv:1312.6114, appendix B.

    Example:
        >>> kl_to_standard(ops.ones((1, 2)), ops.zeros((1, 2))).numpy()
        array([1.], dtype=float32)
    """
    square = ops.square(mean) + ops.exp(log_variance)
    return 0.5 * ops.sum(square - log_variance - 1.0, -1)
