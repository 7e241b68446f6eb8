"""A threshold that is learnt from scores, after the weights are."""

import keras
import numpy as np
from keras import ops

from kerasgen.core import Float, check_arguments, message, register


@register("layer")
class Threshold(keras.layers.Layer):
    """Turns scores into logits that are 0 at the threshold.

    `adapt` sets the threshold to the score that the given share of train
    exceeds, and the scale to the distance from there to the median score.
    Both are weights, so that they travel with the model; until then the
    scores pass as they are. No gradient moves them.

    Args:
        contamination: float in [0, 0.5], the share of the training examples
            that is taken for anomalies.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...), scores, higher for stranger; the output
            is float32 of that shape, (score - threshold) / scale.

    Raises:
        ValueError: for a share out of range.

    Source:
        The quantile as threshold: Scholkopf et al., "Estimating the Support
        of a High-Dimensional Distribution", 2001, whose nu bounds it so.

    Example:
        >>> layer = Threshold(contamination=0.25)
        >>> layer.adapt(np.array([0.0, 1.0, 2.0, 3.0, 4.0]))
        >>> layer(ops.array([[3.0], [4.0]])).numpy().tolist()
        [[0.0], [1.0]]
    """

    arguments = {"contamination": Float(0.0, 0.5)}

    def __init__(self, contamination=0.1, **kwargs):
        # Whatever the policy: a threshold needs the digits of the scores.
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        given = {"contamination": contamination}
        check_arguments("Threshold", self.arguments, given)
        self.contamination = contamination
        self.supports_masking = True
        frozen = {"shape": (), "trainable": False}
        self.threshold = self.add_weight(
            initializer="zeros", name="threshold", **frozen
        )
        self.scale = self.add_weight(initializer="ones", name="scale", **frozen)

    def adapt(self, scores):
        """Learns threshold and scale from the scores of train.

        Args:
            scores: float array of any shape, not empty.

        Raises:
            ValueError: where no score came, or one isn't finite.
        """
        scores = np.asarray(scores, "float64").ravel()
        if not len(scores) or not np.isfinite(scores).all():
            raise ValueError(
                message(
                    "Threshold",
                    "there must be scores, and they must be finite",
                    {"scores": len(scores)},
                )
            )
        middle, far = np.quantile(scores, [0.5, 1.0 - self.contamination])
        self.threshold.assign(far)
        self.scale.assign(far - middle if far > middle else 1.0)

    def call(self, x):
        """Gives logits."""
        x = ops.cast(x, "float32")
        scale = ops.convert_to_tensor(self.scale)
        return (x - ops.convert_to_tensor(self.threshold)) / scale

    def compute_output_shape(self, input_shape):
        """Gives the input's shape."""
        return input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "contamination": self.contamination}
