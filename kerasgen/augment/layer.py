"""The same augmentations as a Keras layer, and on any `tf.data`."""

import keras
import tensorflow as tf

from kerasgen.augment.base import Augment, fold
from kerasgen.augment.chain import Chain
from kerasgen.core import create, instance, message, untuned

_PLAIN = tf.autograph.experimental.do_not_convert


@keras.saving.register_keras_serializable("kerasgen.augment")
class AugmentLayer(keras.layers.Layer):
    """An augmentation inside a model: at work in training alone.

    The arithmetic is that of the pipeline. On `tf.data` it costs the training
    step nothing, so that the layer is for models that must carry their
    augmentation along.

    Args:
        part: Augment, its name or description, or a list of them.
        seed: int, or None for one of Keras's own.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        inputs: what the augmentation takes as `x`, with a batch axis.
        training: bool.

    Raises:
        ValueError: for a part that mixes labels as well, which a layer of one
            input can't.

    Example:
        >>> layer = AugmentLayer("rand_augment", seed=1)
        >>> layer(tf.ones((2, 32, 32, 3), tf.uint8), training=True).shape
        TensorShape([2, 32, 32, 3])
    """

    def __init__(self, part, seed=None, **kwargs):
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)
        self.part = one_part(part)
        if self.part.stage == "batch":
            raise ValueError(
                message(
                    "AugmentLayer",
                    "the part must not change labels",
                    {"part": type(self.part).__name__},
                    "Put it on the data instead.",
                )
            )
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        """Augments where the model trains."""
        if not training:
            return inputs
        key = self.generator.next()
        key = tf.bitcast(tf.cast(key, tf.uint32), tf.int32)
        return self.part({"x": inputs}, key)["x"]

    def compute_output_spec(self, inputs, training=False):
        """Gives what comes in: an augmentation keeps shapes and dtypes."""
        return keras.tree.map_structure(
            lambda t: keras.KerasTensor(t.shape, t.dtype), inputs
        )

    def get_config(self):
        """Gives part and seed."""
        part = keras.saving.serialize_keras_object(self.part)
        return {**super().get_config(), "part": part, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        """Makes the layer from its configuration."""
        part = config.pop("part")
        return cls(keras.saving.deserialize_keras_object(part), **config)


def one_part(part):
    """Makes one augmentation of what was handed in.

    Args:
        part: Augment, its name or description, or a list of them.

    Returns:
        Augment.

    Example:
        >>> one_part(["flip", {"name": "rotate", "degrees": 5.0}]).kind
        'image'
    """
    if isinstance(part, (list, tuple)):
        return Chain(part)
    return instance("augment", "part", create("augment", part), Augment)


def augment(dataset, parts, seed=0, **known):
    """Puts augmentations on batches of any `tf.data.Dataset`.

    Each iteration is another epoch, with draws of its own, and the same at
    any parallelism. Iterate one copy at a time.

    Args:
        dataset: tf.data.Dataset of batches: dicts with `x`, or `(x, y)` or
            `(x, y, weight)`.
        parts: Augment, its name or description, or a list of them, in order.
        seed: int.
        **known: what parts may need to know: `high` of float images,
            `classes` for mixed labels, `sample_rate` of sounds.

    Returns:
        tf.data.Dataset of the same structure; the attribute `epoch` is a
        tf.Variable that holds the last epoch given, one less than the next.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> x, y = tf.zeros((8, 32, 32, 3), tf.uint8), tf.zeros((8,), tf.int32)
        >>> data = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
        >>> [len(batch) for batch in augment(data, ["flip", "rand_augment"])]
        [2, 2]
    """
    parts = parts if isinstance(parts, (list, tuple)) else [parts]
    parts = [one_part(part).bind(**known) for part in parts]
    counter = tf.Variable(-1, dtype=tf.int64, trainable=False)
    start = tf.constant([seed % 2**31, seed // 2**31 % 2**31], tf.int32)

    def act(epoch, index, fields):
        key = fold(fold(start, epoch), index)
        for place, part in enumerate(parts):
            fields = part(fields, fold(key, place))
        return fields

    @_PLAIN
    def one_epoch(_):
        epoch = counter.assign_add(1)
        return dataset.enumerate().map(_PLAIN(lambda i, f: (epoch, i, f)))

    data = tf.data.Dataset.from_tensors(0).flat_map(one_epoch)
    data = data.map(
        _PLAIN(lambda e, i, *f: act(e, i, f[0] if len(f) == 1 else f)),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    data = data.prefetch(tf.data.AUTOTUNE)
    size = dataset.cardinality()
    data = untuned(data.apply(tf.data.experimental.assert_cardinality(size)))
    data.epoch = counter
    return data
