"""Texts to classes."""

import keras
from keras import layers

from kerasgen.core import Choice, File, Float, Int, register
from kerasgen.layers import NGrams
from kerasgen.models.base import KNOBS, finish
from kerasgen.models.text_bodies import (
    count_words,
    text_body,
    token_shape,
    token_vectors,
)

BODIES = ("cnn", "mean", "lstm", "gru", "transformer")
_SIZES = {
    "tiny": {"width": 8, "units": 8, "depth": 1, "letters": 4},
    "small": {"width": 100, "units": 64, "depth": 1, "letters": 30},
    "base": {"width": 300, "units": 128, "depth": 2, "letters": 60},
}
# Of the vectors of n-grams: their number and width.
_N_GRAMS = {"tiny": (64, 4), "small": (65_536, 16), "base": (262_144, 16)}
_KNOBS = {
    "size": KNOBS["size"],
    "body": Choice(BODIES, search=BODIES),
    "ngrams": Int(0, 5, search=(0, 3)),
    "dropout": KNOBS["dropout"],
    "word_dropout": Float(0.0, 0.9, search=(0.0, 0.4)),
    "embeddings": File(),
}


@register("model", arguments=_KNOBS)
def text_classifier(
    shape,
    classes,
    vocabulary,
    *,
    size="small",
    body="cnn",
    ngrams=0,
    dropout=0.5,
    word_dropout=0.1,
    embeddings=None,
):
    """Makes a network from numbers of words to logits.

    The numbers are those of words, characters or pieces of words, as the
    data's `prepare` gives them; 0 is padding.

    Args:
        shape: tuple (length,) of one prepared text, or (length, 1 + letters)
            of words and their letters, as `Spelling` prepares tokens; a
            convolution reads the letters beside the words.
        classes: int, the number of classes, at least 2.
        vocabulary: list of str, what each number stands for, or int, how many
            there are; the words are needed for `embeddings`.
        size: "tiny" (vectors of 8), "small" (100) or "base" (300).
        body: "cnn" (filters of 3 to 5 words, the greatest of each), "mean" (of
            the vectors), "lstm" or "gru" (both ways, pooled by attention) or
            "transformer" (pooled likewise).
        ngrams: int in [0, 5]: vectors of hashed n-grams up to so many words
            are summed up beside the body; with body "mean" this is fastText.
        dropout: float in [0, 0.9], the rate in the body and before the head.
        word_dropout: float in [0, 0.9], the share of words and n-grams that
            training hides.
        embeddings: path of a text file of vectors, such as GloVe's, that the
            words begin with, or None.

    Returns:
        keras.Model from int (batch, length, ...) to logits (batch, classes),
        with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes, knob or file that can't
            be.
        TypeError: for a vocabulary without words where a file is given.

    Source:
        Kim, 2014, arXiv:1408.5882; Joulin et al., 2017, arXiv:1607.01759; Lin
        et al., 2017, arXiv:1703.03130; Vaswani et al., 2017,
        arXiv:1706.03762.

    Example:
        >>> text_classifier((20,), 2, 1000, size="tiny").output_shape
        (None, 2)
    """
    values = {
        "size": size,
        "body": body,
        "ngrams": ngrams,
        "dropout": dropout,
        "word_dropout": word_dropout,
        "embeddings": embeddings,
    }
    where = "text_classifier"
    shape = token_shape(where, shape, _KNOBS, values, classes)
    count_words(where, vocabulary)
    plan = _SIZES[size]
    tokens = keras.Input(shape, dtype="int32", name="tokens")
    words, x = token_vectors(
        tokens,
        plan["letters"],
        vocabulary,
        plan["width"],
        word_dropout,
        embeddings,
    )
    x = text_body(x, body, plan["units"], plan["depth"], dropout)
    if ngrams:
        buckets, width = _N_GRAMS[size]
        beside = NGrams(ngrams, width, buckets, word_dropout, name="n_grams")
        x = layers.Concatenate(name="features")([x, beside(words)])
    return finish(tokens, x, classes, dropout, where)
