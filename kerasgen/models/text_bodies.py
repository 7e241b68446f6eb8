"""Bodies of texts: numbers of words in, features of steps or texts out."""

from keras import layers, ops

from kerasgen.core import instance, message
from kerasgen.layers import (
    AttentivePooling,
    Beside,
    LetterCNN,
    RecurrentStack,
    Shorten,
    SinusoidalPositions,
    TransformerEncoder,
    WordCNN,
    WordDropout,
)
from kerasgen.models.base import check_factory
from kerasgen.models.pretrained import read_embeddings


def count_words(where, vocabulary):
    """Gives how many ids a vocabulary has.

    Args:
        where: str, who complains.
        vocabulary: int, or list of str.

    Returns:
        int.

    Raises:
        ValueError: for fewer than four, the three special ones and a word.
        TypeError: for another type.

    Example:
        >>> count_words("factory", ["[PAD]", "[UNK]", "[MASK]", "a"])
        4
    """
    instance(where, "vocabulary", vocabulary, (int, list, tuple))
    count = vocabulary if isinstance(vocabulary, int) else len(vocabulary)
    if count < 4:
        raise ValueError(
            message(
                where,
                "`vocabulary` must be the words of 4 ids at least, or how "
                "many there are",
                {"vocabulary": vocabulary},
            )
        )
    return count


def word_vectors(ids, vocabulary, width, word_dropout=0.0, embeddings=None):
    """Turns numbers of words into vectors, which carry a mask.

    Args:
        ids: int tensor (batch, time); 0 is padding.
        vocabulary: int, the number of ids, or list of str, their words.
        width: int, the width of a vector, unless a file tells.
        word_dropout: float, the share of words that training hides.
        embeddings: path of a file of vectors, or None.

    Returns:
        float tensor (batch, time, width); the time is the longest text's.

    Example:
        >>> import keras
        >>> word_vectors(keras.Input((5,), dtype="int32"), 9, 4).shape
        (None, None, 4)
    """
    if word_dropout:
        ids = WordDropout(word_dropout, name="word_dropout")(ids)
    count = count_words("word_vectors", vocabulary)
    table = None
    if embeddings is not None:
        table = read_embeddings(embeddings, vocabulary)
        width = table.shape[1]
    layer = layers.Embedding(count, width, mask_zero=True, name="words")
    x = layer(ids)
    if table is not None:
        layer.embeddings.assign(table)
    return Shorten(name="shorten")(x)


def token_shape(where, shape, table, values, classes=None):
    """Checks the shape of prepared tokens, and the knobs of a factory.

    Args:
        where: str, the factory's name.
        shape: tuple (time,) of numbers of words, or (time, 1 + letters) of
            words and their letters.
        table: mapping of knob to range.
        values: mapping of knob to value.
        classes: int, the number of classes, or None.

    Returns:
        tuple of int, the checked shape.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Example:
        >>> token_shape("factory", [7, 21], {}, {})
        (7, 21)
    """
    two = isinstance(shape, (tuple, list)) and len(shape) == 2
    return check_factory(where, shape, 2 if two else 1, table, values, classes)


def token_vectors(tokens, letters, vocabulary, width, word_dropout, embeddings):
    """Turns prepared tokens into vectors, with those of letters beside.

    Args:
        tokens: int tensor (batch, time), or (batch, time, 1 + letters).
        letters: int, the width of what the letters give.
        vocabulary: int or list of str, as in `word_vectors`.
        width: int, the width of a word's vector.
        word_dropout: float, the share of words that training hides.
        embeddings: path of a file of vectors, or None.

    Returns:
        The words, int (batch, time), and float tensor (batch, time, features)
        with a mask.

    Example:
        >>> import keras
        >>> tokens = keras.Input((5, 9), dtype="int32")
        >>> token_vectors(tokens, 3, 20, 4, 0.1, None)[1].shape
        (None, None, 7)
    """
    words = tokens if len(tokens.shape) == 2 else tokens[:, :, 0]
    x = word_vectors(words, vocabulary, width, word_dropout, embeddings)
    if words is tokens:
        return words, x
    spelled = Shorten(name="shorten_letters")(
        tokens[:, :, 1:], mask=ops.not_equal(words, 0)
    )
    spelled = LetterCNN(letters, name="letters")(spelled)
    return words, Beside(name="spelled")(x, spelled)


def step_body(x, body, units, depth, dropout):
    """Lets each step see its sentence.

    Args:
        x: float tensor (batch, time, width), with a mask.
        body: "lstm", "gru" (both ways) or "transformer".
        units: int, the units of a direction; a Transformer is twice as wide.
        depth: int, the number of layers or blocks.
        dropout: float in [0, 0.9].

    Returns:
        float tensor (batch, time, 2 * units), with the mask.

    Example:
        >>> import keras
        >>> step_body(keras.Input((5, 3)), "gru", 4, 1, 0.1).shape
        (None, 5, 8)
    """
    if body in ("lstm", "gru"):
        return RecurrentStack(
            body, units, depth, bidirectional=True, dropout=dropout, name=body
        )(x)
    width = 2 * units
    x = layers.Dense(width, name="widen")(x)
    x = SinusoidalPositions(name="positions")(x)
    heads = max(h for h in (1, 2, 4, 8) if width % (8 * h) == 0 or h == 1)
    for block in range(depth):
        x = TransformerEncoder(heads, 2 * width, dropout, name=f"block{block}")(
            x
        )
    return layers.LayerNormalization(name="features_norm")(x)


def text_body(x, body, units, depth, dropout):
    """Reads a text of word vectors.

    Args:
        x: float tensor (batch, time, width), with a mask.
        body: "mean", "cnn", "lstm", "gru" or "transformer".
        units: int, the filters of each width, or the units of a direction.
        depth: int, the number of layers or blocks.
        dropout: float in [0, 0.9].

    Returns:
        float tensor (batch, features).

    Example:
        >>> import keras
        >>> text_body(keras.Input((5, 3)), "cnn", 4, 1, 0.1).shape
        (None, 12)
    """
    if body == "mean":
        return layers.GlobalAveragePooling1D(name="mean")(x)
    if body == "cnn":
        return WordCNN(units, name="cnn")(x)
    x = step_body(x, body, units, depth, dropout)
    return AttentivePooling(name="pool")(x)
