"""A few examples of every class that was seen lately."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasgen.online")
class Memory(keras.layers.Layer):
    """Keeps the latest examples of a stream, as many of each guessed class.

    What arrives takes the place of older examples of its class, or of those
    of a class that has more. A stream that shows one class after the other
    leaves a memory with all of them.

    Args:
        size: int >= 1, the examples that it holds.
        shape: tuple of int, the shape of one.
        classes: int, the number of classes.
        dtype: str, of the examples.
        **kwargs: arguments of `keras.layers.Layer`.

    Source:
        Gong et al., "NOTE: Robust Continual Test-time Adaptation Against
        Temporal Correlation", 2022, arXiv:2208.05117, section 3.2. Theirs
        replaces at random; here the oldest go, so that nothing is random.

    Example:
        >>> memory = Memory(4, (1,), 2)
        >>> memory.update(ops.ones((3, 1)), ops.array([0, 0, 0]))
        >>> memory.update(2.0 * ops.ones((3, 1)), ops.array([1, 1, 0]))
        >>> ops.convert_to_numpy(memory.x).ravel().tolist()
        [2.0, 2.0, 2.0, 1.0]
    """

    def __init__(self, size, shape, classes, dtype="float32", **kwargs):
        super().__init__(trainable=False, **kwargs)
        self.size, self.classes = size, classes
        self.x = self.add_weight(
            shape=(size, *shape), initializer="zeros", dtype=dtype, name="x"
        )
        self.label = self.add_weight(
            shape=(size,),
            initializer=keras.initializers.Constant(-1),
            dtype="int32",
            name="label",
        )
        self.built = True

    def rows(self):
        """Says which places are taken.

        Returns:
            float tensor (size,) of 0 and 1.
        """
        return ops.cast(self.label >= 0, "float32")

    def variety(self):
        """Measures how many of the classes it holds, evenly.

        Returns:
            float scalar in [0, 1]: the exponential of the labels' entropy,
            as a share of the classes that fit in.
        """
        held = ops.sum(ops.one_hot(self.label, self.classes), 0)
        return spread(held) / min(self.classes, self.size)

    def update(self, x, label):
        """Takes examples in.

        Args:
            x: tensor (n, ...).
            label: int tensor (n,), the classes that were guessed.
        """
        # The latest come first, within each class and in all.
        x = ops.flip(ops.cast(x, self.x.dtype), 0)
        x = ops.concatenate([x, ops.convert_to_tensor(self.x)])
        label = ops.flip(ops.cast(label, "int32"), 0)
        label = ops.concatenate([label, self.label])
        n = ops.shape(label)[0]
        place = ops.arange(n)
        same = ops.equal(label[:, None], label[None, :])
        earlier = place[None, :] < place[:, None]
        rank = ops.sum(ops.cast(same & earlier, "int32"), 1)
        rank = ops.where(label >= 0, rank, n)
        chosen = ops.argsort(rank * n + place)[: self.size]
        self.x.assign(ops.take(x, chosen, 0))
        self.label.assign(ops.take(label, chosen, 0))

    def clear(self):
        """Forgets everything."""
        self.x.assign(ops.zeros_like(self.x))
        self.label.assign(ops.full_like(self.label, -1))


def spread(counts):
    """Counts classes as if they were even.

    Args:
        counts: float tensor (classes,), not negative.

    Returns:
        float scalar, the exponential of the shares' entropy; 0 where nothing
        was counted.

    Example:
        >>> round(float(spread(ops.array([3.0, 3.0, 0.0]))), 4)
        2.0
    """
    whole = ops.sum(counts)
    shares = counts / ops.maximum(whole, 1e-12)
    entropy = -ops.sum(shares * ops.log(ops.maximum(shares, 1e-12)))
    return ops.where(whole > 0, ops.exp(entropy), 0.0)
