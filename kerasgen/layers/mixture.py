"""Densities of rows: mixtures of Gaussians on random columns."""

import math

import keras
from keras import ops

from kerasgen.core import Float, Int, check_arguments, register


@register("layer")
class SubspaceMixtures(keras.layers.Layer):
    """Gives how unlikely rows are to several mixtures of Gaussians.

    Each mixture sees columns of its own, drawn once. Its Gaussians have full
    covariances, each held as the triangle that whitens it.

    Args:
        members: int >= 1, the number of mixtures.
        components: int >= 1, the Gaussians of each.
        share: float in [0, 1], of the columns that a mixture sees, at least
            two.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., features), about standardized; the output
            is float32 (batch, ..., members), negative log likelihoods per
            column, in nats.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Lazarevic & Kumar, "Feature Bagging for Outlier Detection", 2005;
        trained by gradient instead of by expectation maximization, as in
        Zong et al., "Deep Autoencoding Gaussian Mixture Model", 2018.

    Example:
        >>> layer = SubspaceMixtures(members=3, components=2)
        >>> layer(ops.zeros((5, 4))).shape
        TensorShape([5, 3])
    """

    arguments = {
        "members": Int(1, search=(4, 32)),
        "components": Int(1, search=(1, 8)),
        "share": Float(0.0, 1.0, search=(0.25, 1.0)),
    }

    def __init__(self, members=16, components=3, share=0.5, **kwargs):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        own = {"members": members, "components": components, "share": share}
        check_arguments("SubspaceMixtures", self.arguments, own)
        self.members = members
        self.components = components
        self.share = share

    def build(self, input_shape):
        """Draws columns and means; covariances begin at the unit's."""
        features = input_shape[-1]
        seen = max(min(2, features), math.ceil(self.share * features))

        def columns(shape, dtype=None):
            order = keras.random.uniform((self.members, features))
            return ops.cast(ops.argsort(order, -1)[:, :seen], "int32")

        self.columns = self.add_weight(
            shape=(self.members, seen),
            dtype="int32",
            initializer=columns,
            trainable=False,
            name="columns",
        )
        parts = (self.members, self.components)
        self.means = self.add_weight(
            shape=(*parts, seen),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="means",
        )
        self.whiten = self.add_weight(
            shape=(*parts, seen, seen), initializer="zeros", name="whiten"
        )
        self.weigh = self.add_weight(
            shape=parts, initializer="zeros", name="weigh"
        )
        self.built = True

    def call(self, x):
        """Gives negative log likelihoods."""
        x = ops.cast(x, "float32")
        seen = ops.take(x, ops.convert_to_tensor(self.columns), axis=-1)
        gap = ops.expand_dims(seen, -2) - ops.convert_to_tensor(self.means)
        whiten = ops.convert_to_tensor(self.whiten)
        scales = ops.diagonal(whiten, axis1=-2, axis2=-1)
        below = ops.tril(whiten, -1)
        white = ops.einsum("mkij,...mkj->...mki", below, gap)
        white = white + ops.exp(scales) * gap
        size = gap.shape[-1]
        logs = ops.sum(scales, -1) - 0.5 * ops.sum(ops.square(white), -1)
        logs = logs + ops.log_softmax(ops.convert_to_tensor(self.weigh), -1)
        logs = ops.logsumexp(logs, -1) - 0.5 * size * math.log(2 * math.pi)
        return -logs / size

    def compute_output_shape(self, input_shape):
        """Gives the shape of the likelihoods."""
        return (*input_shape[:-1], self.members)

    def get_config(self):
        """Gives the layer's arguments."""
        own = {
            "members": self.members,
            "components": self.components,
            "share": self.share,
        }
        return {**super().get_config(), **own}
