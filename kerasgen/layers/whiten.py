"""Whitening of channels by statistics of examples and of batches."""

from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.layers.base import flags, hide
from kerasgen.layers.normalize import Affine


@register("layer")
class SwitchableWhitening(Affine):
    """Makes channels uncorrelated, and learns by whose statistics.

    Whitening by the batch speeds training up, and by the example takes its
    style away; how much of each is learnt, for means and covariances apart.

    Args:
        width: int >= 1, the channels that are whitened together, or the
            greatest divisor of their number below it; time grows with it.
        steps: int >= 1, the steps towards the inverse root of a covariance.
        momentum: float in [0, 1], the share of the old statistics that stays.
        epsilon: float in [0, 1], added to the variances.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range, or an input without places.

    Source:
        Pan et al., "Switchable Whitening for Deep Representation Learning",
        2019, arXiv:1904.09739, equations 2 to 6, of batch and instance
        whitening; Newton's iteration is Huang et al.'s, 2019,
        arXiv:1904.03441, equation 4. Inference takes moving averages.

    Example:
        >>> SwitchableWhitening()(ops.ones((2, 4, 6))).shape
        TensorShape([2, 4, 6])
    """

    arguments = {
        "width": Int(1, search=(4, 16)),
        "steps": Int(1),
        "momentum": Float(0.0, 1.0),
        "epsilon": Float(0.0, 1.0),
    }

    def __init__(self, width=16, steps=5, momentum=0.9, epsilon=1e-3, **kwargs):
        values = {"width": width, "steps": steps}
        values |= {"momentum": momentum, "epsilon": epsilon}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes scale and shift, the shares, and the moving statistics."""
        super().build(input_shape)
        channels = input_shape[-1]
        sizes = range(1, min(self.width, channels) + 1)
        self._size = max(n for n in sizes if channels % n == 0)
        groups = channels // self._size
        self.mean_shares, self.covariance_shares = (
            self.add_weight(
                shape=(2,), initializer="zeros", autocast=False, name=name
            )
            for name in ("mean_shares", "covariance_shares")
        )
        self.moving_mean = self.add_weight(
            shape=(1, groups, 1, self._size),
            initializer="zeros",
            trainable=False,
            autocast=False,
            name="moving_mean",
        )
        self.moving_covariance = self.add_weight(
            shape=(1, groups, self._size, self._size),
            initializer=_identities,
            trainable=False,
            autocast=False,
            name="moving_covariance",
        )

    def call(self, x, mask=None, training=False):
        """Gives the whitened input."""
        wide, weight = self._grouped(x, mask)
        count = ops.maximum(ops.sum(weight, 2, keepdims=True), 1.0)
        mean = ops.sum(wide * weight, 2, keepdims=True) / count
        gap = (wide - mean) * weight
        covariance = ops.matmul(ops.swapaxes(gap, 2, 3), gap) / count
        if training and self.trainable:
            share = count / ops.sum(count, 0, keepdims=True)
            average = ops.sum(share * mean, 0, keepdims=True)
            gap = (wide - average) * weight
            scatter = ops.matmul(ops.swapaxes(gap, 2, 3), gap)
            whole = ops.sum(count, 0, keepdims=True)
            scatter = ops.sum(scatter, 0, keepdims=True) / whole
            self._move(self.moving_mean, average)
            self._move(self.moving_covariance, scatter)
        else:
            average, scatter = self.moving_mean, self.moving_covariance
        shares = ops.softmax(self.mean_shares)
        mean = shares[0] * average + shares[1] * mean
        shares = ops.softmax(self.covariance_shares)
        covariance = shares[0] * scatter + shares[1] * covariance
        covariance = covariance + self.epsilon * ops.eye(self._size)
        found = ops.matmul(wide - mean, inverse_root(covariance, self.steps))
        found = ops.transpose(found, (0, 2, 1, 3))
        found = ops.reshape(found, ops.shape(x))
        return ops.cast(found * self.gamma + self.beta, x.dtype)

    def _grouped(self, x, mask):
        """Writes (batch, groups, places, size), and what counts of it."""
        n, groups = ops.shape(x)[0], x.shape[-1] // self._size
        wide = hide(ops.cast(x, "float32"), mask)
        wide = ops.reshape(wide, (n, -1, groups, self._size))
        weight = ops.ones((*ops.shape(x)[:-1], 1))
        if mask is not None:
            weight = weight * ops.cast(flags(mask, x), "float32")
        weight = ops.reshape(weight, (n, 1, -1, 1))
        return ops.transpose(wide, (0, 2, 1, 3)), weight

    def _move(self, variable, seen):
        variable.assign(variable + (1.0 - self.momentum) * (seen - variable))


def inverse_root(matrix, steps):
    """Nears the inverse square root of covariances by Newton's iteration.

    Args:
        matrix: float tensor (..., n, n), symmetric with positive eigenvalues.
        steps: int >= 1; 5 are enough where the greatest eigenvalue is a few
            times the least.

    Returns:
        float tensor shaped like `matrix`.

    Source:
        Huang et al., "Iterative Normalization", 2019, arXiv:1904.03441,
        equation 4 and algorithm 1, in the coupled form, which gives the same
        and lets no rounding grow over many steps.

    Example:
        >>> found = inverse_root(4.0 * ops.eye(2), 5)
        >>> found.numpy().astype("float64").round(3).tolist()
        [[0.5, 0.0], [0.0, 0.5]]
    """
    identity = ops.eye(matrix.shape[-1])
    trace = ops.sum(matrix * identity, (-2, -1), keepdims=True)
    root, found = matrix / trace, identity
    for _ in range(steps):
        turn = 1.5 * identity - 0.5 * ops.matmul(found, root)
        root, found = ops.matmul(root, turn), ops.matmul(turn, found)
    return found * ops.rsqrt(trace)


def _identities(shape, dtype=None):
    return ops.broadcast_to(ops.eye(shape[-1], dtype=dtype), shape)
