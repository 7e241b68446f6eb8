"""Bodies for rows: prepared columns in, feature vector out."""

import math

from keras import layers, ops

from kerasgen.layers import FeatureTokens, PeriodicEmbedding
from kerasgen.layers.recommend import Lookup
from kerasgen.models.base import normalize
from kerasgen.models.bodies import dense_body

# The channels of a number that is embedded by waves, and its waves.
_WAVES = {"width": 12, "frequencies": 24}


class Columns:
    """What is known of a row's columns, and the ways to embed them.

    Args:
        columns: int, how many there are.
        categories: tuple of pairs (place, size) of columns that number
            categories; all others are numbers.
        numbers: "plain" or "periodic".

    Example:
        >>> Columns(5, ((3, 7),), "plain").rest
        [0, 1, 2, 4]
    """

    def __init__(self, columns, categories=(), numbers="plain"):
        self.categories = tuple(categories or ())
        places = {place for place, _ in self.categories}
        self.rest = [i for i in range(columns) if i not in places]
        self.numbers = numbers

    def plain(self, x):
        """Gives the columns that are numbers."""
        if not self.categories:
            return x
        return ops.take(x, self.rest, 1) if self.rest else None

    def flat(self, x):
        """Gives one vector: embedded numbers, and vectors of categories."""
        parts, plain = [], self.plain(x)
        if plain is not None:
            if self.numbers == "periodic":
                plain = PeriodicEmbedding(**_WAVES, name="waves")(plain)
                plain = layers.Flatten(name="waves_flat")(plain)
            parts.append(plain)
        for place, size in self.categories:
            width = min(32, math.ceil(1.6 * size**0.56))
            parts.append(self._vector(x, place, size, width))
        if len(parts) == 1:
            return parts[0]
        return layers.Concatenate(name="embedded")(parts)

    def tokens(self, x, width):
        """Gives a token for each column, behind one for the whole row."""
        parts, plain = [], self.plain(x)
        if plain is None:
            # Only the row's own token is wanted: a number that is always 0.
            plain = 0.0 * x[:, :1]
        if self.numbers == "periodic":
            plain = self._mixed(plain, width)
        else:
            plain = FeatureTokens(width, summary=True, name="tokens")(plain)
        parts.append(plain)
        for place, size in self.categories:
            vector = self._vector(x, place, size, width)
            name = f"category{place}_token"
            parts.append(layers.Reshape((1, width), name=name)(vector))
        if len(parts) == 1:
            return plain
        return layers.Concatenate(axis=1, name="all_tokens")(parts)

    def _mixed(self, plain, width):
        """Tokens of waves, behind the row's own."""
        waves = PeriodicEmbedding(
            width, frequencies=_WAVES["frequencies"], name="waves"
        )(plain)
        first = FeatureTokens(width, summary=True, name="tokens")(plain)
        return layers.Concatenate(axis=1, name="row_and_waves")(
            [first[:, :1], waves]
        )

    @staticmethod
    def _vector(x, place, size, width):
        name = f"category{place}"
        return Lookup(place, size - 1, width, name=name)(x)

    def wide(self, x):
        """Gives the columns as they are, and categories one-hot."""
        plain = self.plain(x)
        parts = [] if plain is None else [plain]
        for place, size in self.categories:
            ids = ops.cast(ops.round(x[:, place]), "int32")
            parts.append(ops.one_hot(ids, size))
        return parts


def resnet_body(x, width, depth, dropout, normalization):
    """A residual network of dense layers.

    Args:
        x: float tensor (batch, features).
        width: int, the units of the stream; blocks are twice as wide inside.
        depth: int, the number of blocks.
        dropout: float in [0, 0.9], the rate inside blocks.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, width).

    Source:
        Gorishniy et al., 2021, arXiv:2106.11959, section 3.2.

    Example:
        >>> import keras
        >>> resnet_body(keras.Input((4,)), 8, 2, 0.1, "batch").shape
        (None, 8)
    """
    x = layers.Dense(width, name="stem")(x)
    for index in range(depth):
        name = f"block{index}"
        y = normalize(x, normalization, f"{name}_norm")
        y = layers.Dense(2 * width, activation="relu", name=f"{name}_in")(y)
        if dropout:
            y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
        y = layers.Dense(width, name=f"{name}_out")(y)
        x = layers.Add(name=f"{name}_add")([x, y])
    x = normalize(x, normalization, "features_norm")
    return layers.ReLU(name="features_relu")(x)


def transformer_body(tokens, depth, dropout):
    """A transformer over the tokens of columns; the first is the row's own.

    Args:
        tokens: float tensor (batch, columns + 1, width).
        depth: int, the number of blocks.
        dropout: float in [0, 0.9], the rate in attention and behind it.

    Returns:
        float tensor (batch, width).

    Source:
        Gorishniy et al., 2021, arXiv:2106.11959, section 3.3 (FT-Transformer:
        norm first, but not before the first attention; gated linear units).

    Example:
        >>> import keras
        >>> transformer_body(keras.Input((5, 8)), 1, 0.1).shape
        (None, 8)
    """
    width = tokens.shape[-1]
    heads = max(h for h in (1, 2, 4, 8) if width % h == 0 and width >= 4 * h)
    x = tokens
    for index in range(depth):
        name = f"block{index}"
        y = x
        if index:
            y = layers.LayerNormalization(name=f"{name}_norm1")(x)
        # In the last block only the row's own token asks.
        last = index == depth - 1
        asks = y[:, :1] if last else y
        y = layers.MultiHeadAttention(
            heads, width // heads, dropout=dropout, name=f"{name}_attention"
        )(asks, y)
        x = layers.Add(name=f"{name}_add1")([x[:, :1] if last else x, y])
        y = layers.LayerNormalization(name=f"{name}_norm2")(x)
        gate = layers.Dense(2 * width, activation="relu", name=f"{name}_gate")
        y = layers.Multiply(name=f"{name}_gated")(
            [layers.Dense(2 * width, name=f"{name}_in")(y), gate(y)]
        )
        if dropout:
            y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
        y = layers.Dense(width, name=f"{name}_out")(y)
        x = layers.Add(name=f"{name}_add2")([x, y])
    x = layers.LayerNormalization(name="features_norm")(x[:, 0])
    return layers.ReLU(name="features_relu")(x)


def wide_deep_body(columns, x, width, depth, dropout, normalization):
    """Columns as they are beside a multilayer perceptron.

    A dense head on both is a linear model and a deep one, added up.

    Args:
        columns: Columns.
        x: float tensor (batch, columns).
        width: int, the units of each layer of the deep part.
        depth: int, the number of its layers.
        dropout: float in [0, 0.9], the rate in and behind the deep part.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, width + columns).

    Source:
        Cheng et al., "Wide & Deep Learning for Recommender Systems", 2016,
        arXiv:1606.07792.

    Example:
        >>> import keras
        >>> x = keras.Input((4,))
        >>> wide_deep_body(Columns(4), x, 8, 1, 0.1, "none").shape
        (None, 12)
    """
    deep = dense_body(columns.flat(x), width, depth, dropout, normalization)
    if dropout:
        deep = layers.Dropout(dropout, name="deep_dropout")(deep)
    return layers.Concatenate(name="wide_and_deep")([deep, *columns.wide(x)])
