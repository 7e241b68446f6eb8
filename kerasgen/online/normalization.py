"""Batch normalization by what is predicted, mixed with the source."""

import keras
from keras import ops

from kerasgen.core import Float, clone, instance, message

ALPHA = Float(0.0, 1.0)
PRIOR = Float(0.0)


@keras.saving.register_keras_serializable("kerasgen.online")
class StreamNormalization(keras.layers.BatchNormalization):
    """Batch normalization whose predictions normalise by their own batch, too.

    A batch of n examples is normalised by mean and variance

        share * batch + (1 - share) * moving, share = alpha * n / (n + prior),

    so that a few examples move little and many move all. The moving
    statistics stay as training left them.

    Args:
        alpha: float in [0, 1], the greatest share of the batch; 0 is plain
            batch normalization.
        prior: float >= 0, how many examples the moving statistics count as.
        **kwargs: arguments of `keras.layers.BatchNormalization`.

    Call:
        inputs: float tensor (batch, ..., channels).
        training: bool; in training it is plain batch normalization.
        mask: bool tensor, what counts.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Schneider et al., "Improving robustness against common corruptions by
        covariate shift adaptation", 2020, arXiv:2006.16971, equation 3, where
        alpha is 1; Nado et al., "Evaluating Prediction-Time Batch
        Normalization for Robustness under Covariate Shift", 2020,
        arXiv:2006.10963, where the prior is 0.

    Example:
        >>> layer = StreamNormalization(prior=0.0)
        >>> found = layer(ops.array([[1.0], [3.0]]))[:, 0]
        >>> [round(float(v), 2) for v in found]
        [-1.0, 1.0]
    """

    def __init__(self, *, alpha=1.0, prior=0.0, **kwargs):
        super().__init__(**kwargs)
        self.alpha = ALPHA.check("StreamNormalization", "alpha", alpha)
        self.prior = PRIOR.check("StreamNormalization", "prior", prior)
        # Set by an adapter while it calls: what each row counts, and how far
        # all of them are to be trusted.
        self.evidence = None

    def call(self, inputs, training=None, mask=None):
        """Normalises; see the class."""
        if training and self.trainable:
            return super().call(inputs, training=training, mask=mask)
        x = ops.cast(inputs, "float32")
        rows, trust = self.evidence or (ops.ones((ops.shape(x)[0],)), 1.0)
        rank, axis = len(x.shape), self.axis % len(x.shape)
        axes = [place for place in range(rank) if place != axis]
        weights = ops.reshape(rows, (-1,) + (1,) * (rank - 1))
        if mask is not None:
            weights *= ops.cast(ops.expand_dims(mask, axis), "float32")
        weights *= ops.ones_like(ops.take(x, [0], axis))
        whole = ops.maximum(ops.sum(weights, axes), 1e-12)
        mean = ops.sum(x * weights, axes) / whole
        wide = [-1 if place == axis else 1 for place in range(rank)]
        gap = ops.square(x - ops.reshape(mean, wide))
        variance = ops.sum(gap * weights, axes) / whole
        n = ops.sum(rows)
        share = self.alpha * trust * n / ops.maximum(n + self.prior, 1e-12)
        old = ops.cast(self.moving_mean, "float32")
        mean = old + share * (mean - old)
        old = ops.cast(self.moving_variance, "float32")
        variance = old + share * (variance - old)
        found = ops.batch_normalization(
            x,
            mean,
            variance,
            axis=self.axis,
            offset=ops.cast(self.beta, "float32") if self.center else None,
            scale=ops.cast(self.gamma, "float32") if self.scale else None,
            epsilon=self.epsilon,
        )
        return ops.cast(found, self.compute_dtype)

    def get_config(self):
        """Gives the arguments."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "prior": self.prior,
        }


def restated(model, alpha=1.0, prior=0.0):
    """Copies a model so that its batch normalization follows each batch.

    Args:
        model: keras.Model, functional or sequential, maybe with such models
            inside.
        alpha: float in [0, 1], see `StreamNormalization`.
        prior: float >= 0, see `StreamNormalization`.

    Returns:
        keras.Model with the same weights and layers of the same names.

    Raises:
        TypeError: for what is no keras.Model.
        ValueError: for a model whose inside can't be seen.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> type(restated(model).get_layer("norm0")).__name__
        'StreamNormalization'
    """
    instance("restated", "model", model, keras.Model)

    def copied(layer):
        config = layer.get_config()
        if not isinstance(layer, keras.layers.BatchNormalization):
            return type(layer).from_config(config)
        config.update(alpha=alpha, prior=prior)
        return StreamNormalization.from_config(config)

    remedy = "Build the model as a functional one, of Keras's own layers."
    try:
        copy = clone(model, clone_function=copied, recursive=True)
    except ValueError as error:
        raise ValueError(
            message(
                "restated",
                "the model must be functional or sequential",
                {"model": type(model).__name__},
                remedy,
            )
        ) from error
    for layer in copy._flatten_layers():
        norm = isinstance(layer, keras.layers.BatchNormalization)
        if norm and not isinstance(layer, StreamNormalization):
            raise ValueError(
                message(
                    "restated",
                    "batch normalization must not be hidden in another layer",
                    {"layer": layer.name},
                    remedy,
                )
            )
    return copy
