"""Batch normalization with statistics of each domain."""

import keras
from keras import ops

from kerasgen.core import (
    Choice,
    Float,
    Int,
    compiled,
    inputs_of,
    instance,
    register,
)
from kerasgen.layers.base import Checked, flags, hide, middle_axes


@register("layer")
class DomainNormalization(Checked):
    """Normalises each domain by its own mean and variance.

    At inference an example of no known domain, or of one that was never seen,
    is normalised by the statistics of all domains together, each weighing
    alike.

    Args:
        domains: int >= 1, the number of domains.
        momentum: float in [0, 1], the share of the old statistics that stays,
            or None for the plain average of all that was seen.
        epsilon: float in [0, 1], added to the variance.
        affine: "own" (each domain has a scale and a shift) or "shared".
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape.
        domain: int tensor (batch,) or (batch, 1), each example's domain from
            0; any other number is no known domain.
        x_mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Chang et al., "Domain-Specific Batch Normalization for Unsupervised
        Domain Adaptation", 2019, arXiv:1906.03950, equations 4 to 6; shared
        scale and shift are those of Li et al., 2016, arXiv:1603.04779.

    Example:
        >>> layer = DomainNormalization(2)
        >>> layer(ops.ones((3, 4)), ops.array([0, 1, -1])).shape
        TensorShape([3, 4])
    """

    arguments = {
        "domains": Int(1),
        "momentum": Float(0.0, 1.0),
        "epsilon": Float(0.0, 1.0),
        "affine": Choice(("own", "shared"), search=("own", "shared")),
    }
    tries = ((4, 8), ((), 2))

    def __init__(
        self, domains=2, momentum=0.9, epsilon=1e-3, affine="own", **kwargs
    ):
        values = {"domains": domains, "momentum": momentum}
        values |= {"epsilon": epsilon, "affine": affine}
        super().__init__(values, **kwargs)

    def build(self, x_shape, domain_shape):
        """Makes scales and shifts, and the statistics of each domain."""
        channels = x_shape[-1]
        own = self.domains if self.affine == "own" else 1

        def weight(name, kind, shape, trainable):
            return self.add_weight(
                shape=shape,
                initializer=kind,
                trainable=trainable,
                autocast=False,
                name=name,
            )

        self.gamma = weight("gamma", "ones", (own, channels), True)
        self.beta = weight("beta", "zeros", (own, channels), True)
        shape = (self.domains, channels)
        self.moving_mean = weight("moving_mean", "zeros", shape, False)
        self.moving_variance = weight("moving_variance", "ones", shape, False)
        self.count = weight("count", "zeros", (self.domains, 1), False)

    def call(self, x, domain, x_mask=None, training=False):
        """Gives the examples, normalised by domain."""
        wide = ops.cast(x, "float32")
        domain = ops.reshape(ops.cast(domain, "int32"), (-1,))
        member = ops.one_hot(domain, self.domains, dtype="float32")
        if training and self.trainable:
            mean, variance, count = self._moments(wide, member, x_mask)
            self._move(mean, variance, count)
        else:
            mean, variance = self.moving_mean, self.moving_variance
            member = member * ops.cast(self.count[:, 0] > 0, "float32")
        strange = 1.0 - ops.sum(member, -1, keepdims=True)
        middle, spread = self._together()
        mean = ops.matmul(member, mean) + strange * middle
        variance = ops.matmul(member, variance) + strange * spread
        gamma, beta = self.gamma, self.beta
        if self.affine == "own":
            member = member + strange / self.domains
            gamma, beta = ops.matmul(member, gamma), ops.matmul(member, beta)
        mean, variance, gamma, beta = (
            _between(each, x) for each in (mean, variance, gamma, beta)
        )
        found = (wide - mean) * ops.rsqrt(variance + self.epsilon)
        return ops.cast(found * gamma + beta, x.dtype)

    def _moments(self, x, member, mask):
        axes = middle_axes(x)
        share = flags(ops.ones(ops.shape(x)[:1]), x)
        if mask is not None:
            share = ops.cast(flags(mask, x), "float32")
        share = ops.broadcast_to(ops.cast(share, "float32"), ops.shape(x))
        across = ops.transpose(member)
        count = ops.matmul(across, ops.sum(share, axes)[:, :1])
        least = ops.maximum(count, 1.0)
        mean = ops.matmul(across, ops.sum(hide(x, mask), axes)) / least
        gap = hide(ops.square(x - _between(ops.matmul(member, mean), x)), mask)
        variance = ops.matmul(across, ops.sum(gap, axes)) / least
        return mean, variance, count

    def _move(self, mean, variance, count):
        whole = self.count + count
        if self.momentum is None:
            share = count / ops.maximum(whole, 1.0)
        else:
            share = ops.cast(count > 0, "float32") * (1.0 - self.momentum)
        gap = mean - self.moving_mean
        spread = variance - self.moving_variance
        if self.momentum is None:
            # The means' own spread is part of the variance of all.
            spread = spread + (1.0 - share) * ops.square(gap)
        self.moving_mean.assign(self.moving_mean + share * gap)
        self.moving_variance.assign(self.moving_variance + share * spread)
        self.count.assign(whole)

    def _together(self):
        seen = ops.cast(self.count > 0, "float32")
        # Before anything was seen all statistics are alike.
        seen = ops.where(ops.sum(seen) > 0, seen, ops.ones_like(seen))
        share = seen / ops.sum(seen)
        mean = ops.sum(share * self.moving_mean, 0, keepdims=True)
        gap = ops.square(self.moving_mean - mean)
        spread = ops.sum(share * (self.moving_variance + gap), 0, keepdims=True)
        return mean, spread

    def forget(self):
        """Forgets the statistics; scales and shifts stay."""
        self.moving_mean.assign(ops.zeros_like(self.moving_mean))
        self.moving_variance.assign(ops.ones_like(self.moving_variance))
        self.count.assign(ops.zeros_like(self.count))

    def compute_output_shape(self, x_shape, domain_shape):
        """Gives the input's shape."""
        return x_shape


def _between(rows, x):
    """Writes (n, channels) with as many axes as `x`."""
    for _ in range(len(x.shape) - 2):
        rows = ops.expand_dims(rows, 1)
    return rows


def adapt_domains(model, batches):
    """Finds the statistics of each domain again, exactly, from data.

    Args:
        model: keras.Model with layers `DomainNormalization`.
        batches: iterable of the model's inputs, or of tuples that begin with
            them; each example counts alike. What else a training step would
            move stays.

    Returns:
        int, the number of layers that were adapted.

    Raises:
        TypeError: for what is no keras.Model.

    Source:
        Li et al., "Revisiting Batch Normalization For Practical Domain
        Adaptation", 2016, arXiv:1603.04779, algorithm 1.

    Example:
        >>> x, domain = keras.Input((1,)), keras.Input((), dtype="int32")
        >>> layer = DomainNormalization(2)
        >>> model = keras.Model([x, domain], layer(x, domain))
        >>> batch = [ops.array([[1.0], [3.0], [8.0]]), ops.array([0, 0, 1])]
        >>> adapt_domains(model, [batch]), layer.moving_mean.numpy().tolist()
        (1, [[2.0], [8.0]])
    """
    instance("adapt_domains", "model", model, keras.Model)
    norms = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, DomainNormalization)
    ]
    own = {id(weight) for layer in norms for weight in layer.weights}
    kept = [
        (variable, ops.convert_to_numpy(variable))
        for variable in model.non_trainable_variables
        if id(variable) not in own
    ]
    before = [(layer.momentum, layer.trainable) for layer in norms]
    try:
        for layer in norms:
            layer.forget()
            layer.momentum, layer.trainable = None, True
        run = compiled(lambda *x: model(_one(x), training=True))
        for batch in batches:
            x = inputs_of(batch[0] if isinstance(batch, tuple) else batch)
            x = x if isinstance(x, (list, tuple)) else [x]
            run(*map(ops.convert_to_tensor, x))
    finally:
        for layer, state in zip(norms, before, strict=True):
            layer.momentum, layer.trainable = state
        for variable, value in kept:
            variable.assign(value)
    return len(norms)


def _one(x):
    return list(x) if len(x) > 1 else x[0]
