"""Models of tokens as attacks see them: where words turn to numbers."""

import keras
import numpy as np
from keras import ops

from kerasgen.attacks.logits import Swapped, logits_of
from kerasgen.core import message


def embedding_of(model, x):
    """Finds the layer that turns a model's tokens to vectors.

    Of several Embedding layers (of positions too, say) it is the one that is
    given the tokens themselves.

    Args:
        model: keras.Model of tokens (n, words).
        x: int array (n, words).

    Returns:
        keras.layers.Embedding, or a subclass.

    Raises:
        ValueError: where the model has none.

    Example:
        >>> inputs = keras.Input((3,), dtype="int32")
        >>> outputs = keras.layers.Embedding(9, 4, name="words")(inputs)
        >>> embedding_of(keras.Model(inputs, outputs), np.ones((2, 3))).name
        'words'
    """
    x = np.asarray(x[:1])
    for layer in _embeddings(model):
        seen = []

        def call(tokens, layer=layer, seen=seen, **rest):
            seen.append(tokens)
            return type(layer).call(layer, tokens, **rest)

        with Swapped(layer, "call", call):
            logits_of(model)(ops.cast(x, "int32"))
        for tokens in seen:
            found = ops.convert_to_numpy(tokens)
            if found.shape == x.shape and (found == x).all():
                return layer
    raise ValueError(
        message(
            "attack",
            "the model must have an Embedding layer that is given the tokens",
            {"model": getattr(model, "name", model)},
            "Use WordSubstitution with a table of synonyms.",
        )
    )


def _embeddings(model):
    if not isinstance(model, keras.Model):
        return []
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.Embedding)
    ]


def embedded(model, layer):
    """Gives a model's logits as a function of its embedded words.

    Args:
        model: keras.Model of tokens (n, words).
        layer: its Embedding layer.

    Returns:
        callable from float tensor (n, words, width + 1), the vectors and last
        the tokens, which masks are made of, to logits.

    Example:
        >>> inputs = keras.Input((3,), dtype="int32")
        >>> layer = keras.layers.Embedding(9, 4)
        >>> model = keras.Model(inputs, layer(inputs))
        >>> embedded(model, layer)(np.ones((2, 3, 5), "float32")).shape
        TensorShape([2, 3, 4])
    """
    answer = logits_of(model)

    def logits(packed):
        tokens = ops.cast(ops.stop_gradient(packed[..., -1]), "int32")
        vectors = ops.cast(packed[..., :-1], layer.compute_dtype)
        with Swapped(layer, "call", lambda *_, **__: vectors):
            return answer(tokens)

    return logits


def words(x, where):
    """Checks that inputs are tokens.

    Args:
        x: array (n, words) of whole numbers.
        where: str, who complains.

    Returns:
        int32 array (n, words).

    Raises:
        ValueError: for other inputs.

    Example:
        >>> words(np.ones((1, 2)), "attack").dtype
        dtype('int32')
    """
    x = np.asarray(x)
    whole = x.dtype.kind in "iu"
    if x.dtype.kind == "f" and np.isfinite(x).all():
        whole = np.equal(x, np.round(x)).all()
    if x.ndim != 2 or not whole or (x.size and x.min() < 0):
        raise ValueError(
            message(
                where,
                "inputs must be tokens (n, words), finite whole numbers >= 0",
                {"shape": x.shape, "dtype": str(x.dtype)},
            )
        )
    return x.astype("int32")
