"""Penalties: kernels that aren't orthogonal, outputs that follow inputs."""

import keras
from keras import ops

from kerasgen.core import Float, Int, input_gradient, instance


@keras.saving.register_keras_serializable("kerasgen.regularizer")
class OrthogonalPenalty(keras.regularizers.Regularizer):
    """Penalises filters of a kernel that aren't orthonormal.

    Keras's `OrthogonalRegularizer` takes matrices only, and leaves the
    filters' lengths free.

    Args:
        factor: float >= 0.

    Call:
        kernel: float tensor (..., filters), a filter being all that leads to
            one of the outputs; where there are more filters than weights of
            one, the rows are what is penalised. Gives a scalar.

    Raises:
        ValueError: for a factor below 0.

    Source:
        Bansal et al., "Can We Gain More from Orthogonality Regularizations in
        Training Deep CNNs?", 2018, arXiv:1810.09102, equation 1, and the
        smaller of both products of equation 2.

    Example:
        >>> float(OrthogonalPenalty(0.5)(2.0 * ops.eye(2)))
        9.0
    """

    arguments = {"factor": Float(0.0, search=(1e-5, 1e-1), log=True)}

    def __init__(self, factor=1e-3):
        where = type(self).__name__
        self.factor = self.arguments["factor"].check(where, "factor", factor)

    def __call__(self, kernel):
        """Gives the penalty of a kernel."""
        flat = ops.cast(ops.reshape(kernel, (-1, kernel.shape[-1])), "float32")
        if flat.shape[0] < flat.shape[1]:
            flat = ops.transpose(flat)
        gap = ops.matmul(ops.transpose(flat), flat) - ops.eye(flat.shape[1])
        return self.factor * ops.sum(ops.square(gap))

    def get_config(self):
        """Gives the factor."""
        return {"factor": self.factor}


@keras.saving.register_keras_serializable("kerasgen.layer")
class JacobianPenalty(keras.layers.Wrapper):
    """Penalises in training how strongly a layer's outputs follow its inputs.

    It wraps a layer or a model, and estimates the squared norm of its
    Jacobian, the mean over the examples, by random directions.

    Args:
        layer: keras.layers.Layer of one tensor to one tensor.
        factor: float >= 0, of the penalty.
        directions: int >= 1, the random directions; one is enough.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output is the layer's.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for what is no layer.

    Source:
        Hoffman et al., "Robust Learning with Jacobian Regularization", 2019,
        arXiv:1908.02729, equations 3, 6 and 8 and algorithm 1.

    Example:
        >>> layer = JacobianPenalty(keras.layers.Dense(3))
        >>> layer(ops.ones((2, 4)), training=True).shape, len(layer.losses)
        (TensorShape([2, 3]), 1)
    """

    arguments = {
        "factor": Float(0.0, search=(1e-4, 1.0), log=True),
        "directions": Int(1),
        "seed": Int(0),
    }

    def __init__(self, layer, factor=0.01, directions=1, seed=None, **kwargs):
        where = type(self).__name__
        instance(where, "layer", layer, keras.layers.Layer)
        for name, value in (("factor", factor), ("directions", directions)):
            self.arguments[name].check(where, name, value)
        super().__init__(layer, **kwargs)
        self.factor, self.directions, self.seed = factor, directions, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = layer.supports_masking

    def call(self, x, training=False):
        """Gives the layer's output, and in training adds the penalty."""
        if not training or not self.factor:
            return self.layer(x, training=training)
        found = self.layer(x, training=True)
        total = 0.0
        for _ in range(self.directions):
            drawn = keras.random.normal(
                ops.shape(found), seed=self.seed_generator
            )
            axes = tuple(range(1, len(drawn.shape)))
            length = ops.sum(ops.square(drawn), axes, keepdims=True)
            drawn = drawn * ops.rsqrt(ops.maximum(length, 1e-12))
            slope = input_gradient(self._along(drawn), x)
            square = ops.square(ops.cast(slope, "float32"))
            total = total + ops.sum(ops.mean(square, 0))
        size = 1.0
        for side in ops.shape(found)[1:]:
            size = size * ops.cast(side, "float32")
        share = 0.5 * self.factor / self.directions
        self.add_loss(share * size * total)
        return found

    def _along(self, direction):
        def value(x):
            found = self.layer(x, training=True)
            return ops.cast(found, "float32") * direction

        return value

    def compute_output_shape(self, input_shape):
        """Gives the layer's."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        """Gives the layer and the arguments."""
        own = {name: getattr(self, name) for name in self.arguments}
        return {**super().get_config(), **own}
