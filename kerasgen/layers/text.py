"""Layers that read a whole text at once."""

import keras
from keras import layers, ops

from kerasgen.core import Float, Int, message, register
from kerasgen.layers.base import Checked, hide

# Odd, and its powers fill 32 bits.
_FACTOR = 1_000_003


@register("layer")
class WordCNN(Checked):
    """Slides filters over a text, and keeps the greatest of each.

    Args:
        filters: int >= 1, the filters of each width.
        narrow: int >= 1, the words that the narrowest filter sees.
        wide: int >= 1, the words that the widest one sees; there are filters
            of each width between.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, channels); the output is (batch,
            filters times widths).
        mask: bool tensor (batch, time), the words that are there, or None;
            one that comes with `x` is taken by itself.

    Raises:
        ValueError: for an argument out of range, or `wide` below `narrow`.

    Source:
        Kim, "Convolutional Neural Networks for Sentence Classification",
        2014, arXiv:1408.5882; texts are padded by half a filter.

    Example:
        >>> WordCNN(4)(ops.ones((2, 7, 3))).shape
        TensorShape([2, 12])
    """

    arguments = {
        "filters": Int(1, search=(16, 128), log=True),
        "narrow": Int(1, 16),
        "wide": Int(1, 16, search=(3, 7)),
    }

    def __init__(self, filters=100, narrow=3, wide=5, **kwargs):
        values = {"filters": filters, "narrow": narrow, "wide": wide}
        super().__init__(values, **kwargs)
        if wide < narrow:
            raise ValueError(
                message(
                    "WordCNN",
                    "`wide` must be at least `narrow`",
                    {"narrow": narrow, "wide": wide},
                )
            )
        self.slides = [
            self.part(
                layers.Conv1D,
                filters,
                width,
                padding="same",
                activation="relu",
                name=f"width{width}",
            )
            for width in range(narrow, wide + 1)
        ]

    def build(self, x_shape):
        """Makes the filters."""
        for slide in self.slides:
            slide.build(x_shape)

    def call(self, x, mask=None):
        """Reads the text."""
        x = hide(x, mask)
        # ReLU gives no less than the zeros of what isn't there.
        found = [ops.max(hide(slide(x), mask), 1) for slide in self.slides]
        return ops.concatenate(found, -1)

    def compute_mask(self, x, mask=None):
        """Gives none: there is no time any more."""
        return None

    def compute_output_shape(self, x_shape):
        """Gives (batch, filters times widths)."""
        return (x_shape[0], self.filters * len(self.slides))


@register("layer")
class NGrams(Checked):
    """Sums up vectors of a text's word n-grams, found by hashing.

    The sum is divided by the root of the number of n-grams. Different ones
    may share a vector, the more the fewer `buckets` there are.

    Args:
        longest: int >= 1, the words of the longest n-gram; shorter ones count
            as well.
        width: int >= 1, the width of a vector.
        buckets: int >= 2, the number of vectors.
        dropout: float in [0, 0.9], the share of n-grams that training leaves
            out.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        ids: whole numbers (batch, time); 0 is padding, and in no n-gram.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Joulin et al., "Bag of Tricks for Efficient Text Classification",
        2017, arXiv:1607.01759, with the mean there; n-grams left out: Iyyer
        et al., 2015, section 3.1.

    Example:
        >>> NGrams(2, width=8)(ops.array([[4, 5, 0]])).shape
        TensorShape([1, 8])
    """

    arguments = {
        "longest": Int(1, 8, search=(1, 4)),
        "width": Int(1, search=(8, 64)),
        "buckets": Int(2),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.7)),
        "seed": Int(0),
    }
    tries = (((6,), 9),)

    def __init__(
        self,
        longest=2,
        width=16,
        buckets=65_536,
        dropout=0.0,
        seed=None,
        **kwargs,
    ):
        values = {"longest": longest, "width": width, "buckets": buckets}
        values |= {"dropout": dropout, "seed": seed}
        super().__init__(values, **kwargs)
        self.supports_masking = False
        self.table = self.part(layers.Embedding, buckets, width, name="n_grams")

    def build(self, ids_shape):
        """Makes the vectors."""
        self.table.build(ids_shape)

    def call(self, ids, training=False):
        """Sums up the vectors."""
        places, there = self.places(ids)
        weight = ops.cast(there, "float32")
        weight = weight / ops.sqrt(
            ops.maximum(ops.sum(weight, 1, keepdims=True), 1.0)
        )
        if training and self.dropout:
            weight = keras.random.dropout(
                weight, self.dropout, seed=self.seed_generator
            )
        vectors = self.table(places)
        weight = ops.cast(weight, vectors.dtype)
        return ops.einsum("bt,btw->bw", weight, vectors)

    def places(self, ids):
        """Finds the n-grams of texts.

        Args:
            ids: whole numbers (batch, time).

        Returns:
            int32 tensor (batch, n-grams), the place of each one's vector, and
            bool tensor of which are there.
        """
        ids = ops.cast(ids, "int32")
        key, here = ops.zeros_like(ids), ops.ones_like(ids, "bool")
        places, there = [], []
        for n in range(self.longest):
            # The n-th word from each place on, and none past the end.
            word = [ids[:, n:], ops.zeros_like(ids[:, :n])]
            word = ops.concatenate(word, 1)
            key = (key + n) * _FACTOR + word
            here = here & (word != 0)
            places.append(ops.mod(key, self.buckets))
            there.append(here)
        return ops.concatenate(places, 1), ops.concatenate(there, 1)

    def compute_output_spec(self, ids, training=False):
        """Gives (batch, width)."""
        return keras.KerasTensor((ids.shape[0], self.width), self.compute_dtype)
