"""Sentences to a tag for each token."""

import keras
from keras import layers

from kerasgen.core import Choice, File, Float, instance, message, register
from kerasgen.layers import CRF, Lengthen, TagLogits
from kerasgen.models.base import KNOBS
from kerasgen.models.text_bodies import (
    count_words,
    step_body,
    token_shape,
    token_vectors,
)

_SIZES = {
    "tiny": {"width": 8, "units": 8, "depth": 1, "letters": 4},
    "small": {"width": 100, "units": 100, "depth": 1, "letters": 30},
    "base": {"width": 200, "units": 200, "depth": 2, "letters": 60},
}
_BODIES = ("lstm", "gru", "transformer")
_KNOBS = {
    "size": KNOBS["size"],
    "body": Choice(_BODIES, search=_BODIES),
    "head": Choice(("crf", "softmax"), search=("crf", "softmax")),
    "dropout": KNOBS["dropout"],
    "word_dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
    "embeddings": File(),
}


@register("model", arguments=_KNOBS)
def tagger(
    shape,
    tags,
    vocabulary,
    *,
    size="small",
    body="lstm",
    head="crf",
    dropout=0.5,
    word_dropout=0.1,
    embeddings=None,
):
    """Makes a network from tokens to potentials or logits of tags.

    Where the data's `prepare` is `Spelling`, a convolution reads each token's
    letters beside its word.

    Args:
        shape: tuple (time,) of one prepared sentence of numbers of words, or
            (time, 1 + letters) of words and their letters; 0 is padding.
        tags: int, the number of tags, at least 2.
        vocabulary: list of str, the words, or int, how many there are; the
            words are needed for `embeddings`.
        size: "tiny" (vectors of 8), "small" (100) or "base" (200, two
            layers).
        body: "lstm", "gru" (both ways) or "transformer".
        head: "crf" (neighbouring tags know of each other) or "softmax".
        dropout: float in [0, 0.9], the rate before and behind the body.
        word_dropout: float in [0, 0.9], the share of words that training
            hides; their letters stay.
        embeddings: path of a text file of vectors, such as GloVe's, that the
            words begin with, or None.

    Returns:
        keras.Model from int (batch, time, ...) to potentials (batch, time,
        tags, tags), or with "softmax" to logits (batch, time, tags), by a
        layer `head`.

    Raises:
        ValueError: for a shape, number of tags, knob or file that can't be.
        TypeError: for a vocabulary without words where a file is given.

    Source:
        Ma & Hovy, "End-to-end Sequence Labeling via Bi-directional
        LSTM-CNNs-CRF", 2016, arXiv:1603.01354; Lample et al., 2016,
        arXiv:1603.01360.

    Example:
        >>> tagger((12, 9), 5, 1000, size="tiny").output_shape
        (None, 12, 5, 5)
        >>> tagger((12,), 5, 1000, size="tiny", head="softmax").output_shape
        (None, 12, 5)
    """
    values = {
        "size": size,
        "body": body,
        "head": head,
        "dropout": dropout,
        "word_dropout": word_dropout,
        "embeddings": embeddings,
    }
    shape = token_shape("tagger", shape, _KNOBS, values)
    if instance("tagger", "tags", tags, int) < 2:
        raise ValueError(
            message("tagger", "`tags` must be at least 2", {"tags": tags})
        )
    count_words("tagger", vocabulary)
    plan = _SIZES[size]
    tokens = keras.Input(shape, dtype="int32", name="tokens")
    _, x = token_vectors(
        tokens,
        plan["letters"],
        vocabulary,
        plan["width"],
        word_dropout,
        embeddings,
    )
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    x = step_body(x, body, plan["units"], plan["depth"], 0.0)
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    x = Lengthen(shape[0], name="lengthen")(x)
    top = CRF if head == "crf" else TagLogits
    return keras.Model(tokens, top(tags, name="head")(x), name="tagger")
