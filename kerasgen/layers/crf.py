"""The head of a conditional random field: features to potentials."""

import keras
import numpy as np
from keras import ops

from kerasgen.core import Int, check_arguments, message, register

_FORBIDDEN = -1e4
# The identity of a chain; see kerasgen.losses.chain.
_NO_PATH = -1e9


@register("layer")
class CRF(keras.layers.Layer):
    """Turns features of steps into potentials of neighbouring tags.

    The potentials of step t, tag i before and tag j are
    w_j x_t + b_j + transition_ij; the first step has a start's weight, and the
    last one an end's. A step that the mask leaves out is the identity, so that
    loss, marginals and the best tags are functions of the output alone.

    Args:
        tags: int >= 2.
        forbidden: list of pairs (i, j) of tags that must not follow each
            other; (-1, j) forbids j at the start, (i, -1) i at the end.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, features).
        mask: bool tensor (batch, time), or None; one that comes with `x` is
            taken by itself.

    Raises:
        ValueError: for an argument out of range, or a pair of no such tags.

    Source:
        Lafferty et al., "Conditional Random Fields", 2001; with a network's
        features: Lample et al., 2016, arXiv:1603.01360, section 2.2.

    Example:
        >>> CRF(3)(ops.ones((1, 5, 4))).shape
        TensorShape([1, 5, 3, 3])
    """

    arguments = {"tags": Int(2)}

    def __init__(self, tags=2, forbidden=(), **kwargs):
        # Sums over sequences need the digits.
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        check_arguments("CRF", self.arguments, {"tags": tags})
        self.tags = tags
        self.forbidden = [[int(i) for i in pair] for pair in forbidden]
        for pair in self.forbidden:
            if len(pair) != 2 or not all(-1 <= i < tags for i in pair):
                raise ValueError(
                    message(
                        "CRF",
                        f"`forbidden` must hold pairs of tags below {tags}, "
                        "or -1 for outside",
                        {"pair": pair},
                    )
                )
        self.supports_masking = True

    def build(self, x_shape):
        """Makes the weights."""
        tags = self.tags
        self.kernel = self.add_weight(shape=(x_shape[-1], tags), name="kernel")
        self.bias = self.add_weight(
            shape=(tags,), initializer="zeros", name="bias"
        )
        self.transition = self.add_weight(
            shape=(tags, tags), initializer="zeros", name="transition"
        )
        self.start = self.add_weight(
            shape=(tags,), initializer="zeros", name="start"
        )
        self.end = self.add_weight(
            shape=(tags,), initializer="zeros", name="end"
        )
        # Tags, and outside as the last row and column.
        barred = np.zeros((tags + 1, tags + 1), "float32")
        for i, j in self.forbidden:
            barred[i, j] = _FORBIDDEN
        self._barred = barred

    def call(self, x, mask=None):
        """Gives the potentials."""
        tags, barred = self.tags, self._barred
        scores = ops.matmul(x, self.kernel) + self.bias
        if mask is None:
            mask = ops.ones(ops.shape(x)[:2], "bool")
        mask = ops.cast(mask, "bool")
        here = ops.cast(mask, "int32")
        count = ops.cumsum(here, 1)
        first = mask & (count == 1)
        last = mask & (count == ops.sum(here, 1, keepdims=True))
        moves = ops.where(
            first[:, :, None, None],
            (self.start + barred[-1, :tags])[None, :],
            self.transition + barred[:tags, :tags],
        )
        end = ops.where(last[..., None], self.end + barred[:tags, -1], 0.0)
        moves = moves + (scores + end)[:, :, None, :]
        stay = _NO_PATH * (1.0 - np.eye(tags, dtype="float32"))
        return ops.where(mask[:, :, None, None], moves, stay)

    def compute_mask(self, x, mask=None):
        """Gives none: the output holds it."""
        return None

    def compute_output_shape(self, x_shape):
        """Gives (batch, time, tags, tags)."""
        return (*x_shape[:-1], self.tags, self.tags)

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"tags": self.tags, "forbidden": [*map(list, self.forbidden)]}
        return {**super().get_config(), **own}


@register("layer")
class TagLogits(keras.layers.Layer):
    """Turns features of steps into logits of tags, each step by itself.

    A step that the mask leaves out has no path but that of tag 0, as in the
    potentials of `CRF`, so that the output tells where a sentence ends.

    Args:
        tags: int >= 2.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, features).
        mask: bool tensor (batch, time), or None; one that comes with `x` is
            taken by itself.

    Raises:
        ValueError: for fewer than two tags.

    Example:
        >>> TagLogits(3)(ops.ones((1, 5, 4))).shape
        TensorShape([1, 5, 3])
    """

    arguments = {"tags": Int(2)}

    def __init__(self, tags=2, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        check_arguments("TagLogits", self.arguments, {"tags": tags})
        self.tags = tags
        self.supports_masking = True

    def build(self, x_shape):
        """Makes the weights."""
        self.kernel = self.add_weight(
            shape=(x_shape[-1], self.tags), name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.tags,), initializer="zeros", name="bias"
        )

    def call(self, x, mask=None):
        """Gives the logits."""
        logits = ops.matmul(x, self.kernel) + self.bias
        if mask is None:
            return logits
        none = np.full(self.tags, _NO_PATH, "float32")
        none[0] = 0.0
        mask = ops.cast(mask, "bool")[..., None]
        return ops.where(mask, logits, none)

    def compute_mask(self, x, mask=None):
        """Gives none: the output holds it."""
        return None

    def compute_output_shape(self, x_shape):
        """Gives (batch, time, tags)."""
        return (*x_shape[:-1], self.tags)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "tags": self.tags}
