"""Masked autoencoder (He et al., 2022): what is hidden is to be told."""

import keras
from keras import ops

from kerasgen.core import Float, Int, mean, message, register
from kerasgen.methods.manifold_mixup import halves, places
from kerasgen.methods.pretraining import Pretraining, pooled


@register("method")
class MaskedAutoencoder(Pretraining):
    """Trains features without labels to tell what was hidden of an example.

    Patches of images, columns of rows, or steps of sequences are replaced by
    a value that is learnt. A small decoder tells them: from the model's last
    feature map, cell by cell, or from its features. Train the same model by
    another method afterwards.

    Args:
        model: keras.Model of one input of floats, with a layer `head`, which
            stays as it is.
        task: kerasgen.Task.
        share: float in [0, 1], of patches, columns or steps that are hidden.
        patch: int >= 1, the side of a patch or the length of a run of steps;
            None: an eighth of the image's height, at least 2, or 1 step.
        width: int >= 1, of the decoder's hidden layer.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, an argument is out of range, or its input isn't one tensor
            of floats.
        TypeError: for a model that is no keras.Model.

    Source:
        He et al., "Masked Autoencoders Are Scalable Vision Learners", 2022,
        arXiv:2111.06377. Theirs encodes only what is seen; for convolutions
        the hidden patches stay in place, as in Xie et al., "SimMIM", 2022,
        arXiv:2111.09886, section 3. Rows: Yoon et al., "VIME", 2020. Each
        patch is hidden with the same chance, so that the share varies.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MaskedAutoencoder(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.random.normal((8, 4), seed=0), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['hidden', 'loss']
    """

    arguments = {
        "share": Float(0.0, 1.0, search=(0.2, 0.8)),
        "patch": Int(1),
        "width": Int(1),
    }
    terms = ("hidden",)

    def __init__(
        self,
        model,
        task,
        *,
        share=0.5,
        patch=None,
        width=128,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            share=share,
            patch=patch,
            width=width,
        )
        shape = self._input_shape()
        images = len(shape) == 3
        self._side = patch or (max(2, shape[0] // 8) if images else 1)
        self._below = _map_of(model) if images else None
        if self._below is None:
            seen = self.features.output_shape[-1]
            self.decoder = _dense_decoder(seen, width, shape)
        else:
            self.decoder = _map_decoder(self._below, width, shape)
        self.blank = self.add_weight(
            shape=shape if len(shape) == 1 else shape[-1:],
            initializer="zeros",
            dtype="float32",
            name="blank",
        )

    def _input_shape(self):
        inputs = self.model.inputs
        kind = keras.backend.standardize_dtype(inputs[0].dtype)
        shape = tuple(inputs[0].shape[1:])
        if len(inputs) > 1 or "float" not in kind or None in shape:
            raise ValueError(
                message(
                    "MaskedAutoencoder",
                    "the model must have one input of floats of a known shape",
                    {"inputs": [(i.shape, i.dtype) for i in inputs]},
                )
            )
        return shape

    def players(self):
        """Lets features, decoder and blank move; see `Method.players`."""
        below = self._below or self.features
        parts = below.trainable_variables + self.decoder.trainable_variables
        return {"model": [*parts, self.blank]}

    def objective(self, batch):
        """Gives the error on what is hidden; see `Method.objective`."""
        x = ops.cast(self.examples(batch), "float32")
        away = self._drawn(x)
        shown = away * ops.convert_to_tensor(self.blank) + (1.0 - away) * x
        seen = (self._below or self.features)(shown, training=True)
        if self._below is None:
            told = self.decoder(pooled(seen), training=True)
        else:
            told = self.decoder(ops.cast(seen, "float32"), training=True)
        axes = tuple(range(1, len(x.shape)))
        away = ops.broadcast_to(away, ops.shape(x))
        lost = ops.sum(away * ops.square(told - x), axes)
        lost = lost / ops.maximum(ops.sum(away, axes), 1.0)
        return {"hidden": mean(lost)}, self.outputs(batch, None)

    def _drawn(self, x):
        """Draws what is hidden: 1 there, 0 elsewhere."""
        shape, side = x.shape[1:], self._side
        if len(shape) == 1:
            cells, last = shape, ()
        else:
            cells = tuple(-(-size // side) for size in shape[:-1])
            last = (1,)
        n = ops.shape(x)[0]
        chance = keras.random.uniform((n, *cells, *last), seed=self._seed)
        away = ops.cast(chance < self.share, "float32")
        if len(shape) > 1:
            for axis, size in enumerate(shape[:-1], start=1):
                away = ops.repeat(away, side, axis=axis)
                away = ops.take(away, ops.arange(size), axis=axis)
        return away


def _map_of(model):
    """The model up to its last feature map, or None."""
    for place in reversed(places(model, 1000)):
        if place is None:
            continue
        below = halves(model, place)[0]
        if len(below.output_shape) == 4:
            return below
    return None


def _dense_decoder(seen, width, shape):
    size = 1
    for side in shape:
        size *= side
    decoder = keras.Sequential(
        [
            keras.layers.Dense(width, "relu", dtype="float32"),
            keras.layers.Dense(size, dtype="float32"),
            keras.layers.Reshape(shape, dtype="float32"),
        ],
        name="decoder",
    )
    decoder.build((None, seen))
    return decoder


def _map_decoder(below, width, shape):
    """From each cell of a map to the pixels that it stands for."""
    rows, columns, seen = below.output_shape[1:]
    tall, wide = (-(-shape[0] // rows), -(-shape[1] // columns))
    channels = shape[2]
    inputs = keras.Input((rows, columns, seen), dtype="float32")
    x = keras.layers.Conv2D(
        width, 3, padding="same", activation="relu", dtype="float32"
    )(inputs)
    x = keras.layers.Conv2D(tall * wide * channels, 1, dtype="float32")(x)
    x = keras.layers.Reshape((rows, columns, tall, wide, channels))(x)
    x = keras.layers.Permute((1, 3, 2, 4, 5))(x)
    x = keras.layers.Reshape((rows * tall, columns * wide, channels))(x)
    extra = (rows * tall - shape[0], columns * wide - shape[1])
    if any(extra):
        x = keras.layers.Cropping2D(((0, extra[0]), (0, extra[1])))(x)
    return keras.Model(inputs, x, name="decoder")
