"""Cluster centres: how close an example is to each, as logits."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, check_arguments, register

KERNELS = ("student", "gaussian")


@register("layer")
class ClusterCentres(keras.layers.Layer):
    """Gives the logits of belonging to each of several centres, which learn.

    Of squared distances d, "student" takes -log(1 + d), so that the softmax
    is that of Student's t with one degree of freedom; "gaussian" takes
    -d / temperature.

    Args:
        clusters: int >= 2.
        kernel: "student" or "gaussian".
        temperature: float > 0, of the Gaussian kernel alone: the less, the
            more the nearest centre counts.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., features); the output is float32
            (batch, ..., clusters).

    Raises:
        ValueError: for an argument out of range.

    Source:
        Xie et al., "Unsupervised Deep Embedding for Clustering Analysis",
        2016, arXiv:1511.06335, equation 1; Fard et al., "Deep k-Means", 2020,
        arXiv:1806.10069, equation 3, whose inverse temperature is constant
        here.

    Example:
        >>> layer = ClusterCentres(2, kernel="gaussian")
        >>> layer.build((None, 1))
        >>> _ = layer.centres.assign([[0.0], [1.0]])
        >>> layer(ops.array([[3.0]])).numpy().tolist()
        [[-9.0, -4.0]]
    """

    arguments = {
        "clusters": Int(2),
        "kernel": Choice(KERNELS, search=KERNELS),
        "temperature": Float(1e-6, search=(0.1, 10.0), log=True),
    }

    def __init__(
        self, clusters=10, kernel="student", temperature=1.0, **kwargs
    ):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        given = {
            "clusters": clusters,
            "kernel": kernel,
            "temperature": temperature,
        }
        check_arguments("ClusterCentres", self.arguments, given)
        self.clusters = clusters
        self.kernel = kernel
        self.temperature = temperature

    def build(self, input_shape):
        """Draws centres that stand apart."""
        self.centres = self.add_weight(
            shape=(self.clusters, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="centres",
        )
        self.built = True

    def distances(self, x):
        """Gives squared distances.

        Args:
            x: float tensor (batch, ..., features).

        Returns:
            float32 tensor (batch, ..., clusters).
        """
        x = ops.cast(x, "float32")
        centres = ops.convert_to_tensor(self.centres)
        gap = ops.expand_dims(x, -2) - centres
        return ops.sum(ops.square(gap), -1)

    def call(self, x):
        """Gives logits."""
        distances = self.distances(x)
        if self.kernel == "student":
            return -ops.log1p(distances)
        return -distances / self.temperature

    def compute_output_shape(self, input_shape):
        """Gives the shape of the logits."""
        return (*input_shape[:-1], self.clusters)

    def get_config(self):
        """Gives the layer's arguments."""
        own = {
            "clusters": self.clusters,
            "kernel": self.kernel,
            "temperature": self.temperature,
        }
        return {**super().get_config(), **own}
