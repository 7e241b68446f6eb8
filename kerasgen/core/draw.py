"""Random numbers that Keras doesn't draw well."""

import keras
from keras import ops


def beta_share(alpha, seed, shape=()):
    """Draws from the Beta distribution with both parameters alike.

    Args:
        alpha: float > 0.
        seed: keras.random.SeedGenerator.
        shape: tuple, of what is drawn.

    Returns:
        float tensor of that shape, in [0, 1].

    Example:
        >>> share = beta_share(0.2, keras.random.SeedGenerator(0))
        >>> 0.0 <= float(share) <= 1.0
        True
    """

    def log_gamma():
        # By Gamma(a) = Gamma(a + 1) U^(1/a): no small `a` underflows.
        one_more = keras.random.gamma(shape, alpha + 1, seed=seed)
        chance = 1.0 - keras.random.uniform(shape, seed=seed)
        return ops.log(one_more) + ops.log(chance) / alpha

    return ops.sigmoid(log_gamma() - log_gamma())
