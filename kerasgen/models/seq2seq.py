"""Sequences to sequences."""

import keras
from keras import layers, ops

from kerasgen.core import Choice, Float, Int, register
from kerasgen.layers import (
    RecurrentWriter,
    SinusoidalPositions,
    TransformerEncoder,
    TransformerWriter,
)
from kerasgen.models.base import SIZES, check_factory

BODIES = ("transformer", "gru", "lstm")
ATTENTIONS = ("additive", "multiplicative")
_SIZES = {
    "tiny": {"width": 16, "depth": 1, "heads": 2},
    "small": {"width": 128, "depth": 2, "heads": 4},
    "base": {"width": 256, "depth": 3, "heads": 8},
}
_KNOBS = {
    "body": Choice(BODIES, search=BODIES),
    "attention": Choice(ATTENTIONS, search=ATTENTIONS),
    "size": Choice(SIZES, search=("tiny", "small")),
    "width": Int(1, search=(64, 512), log=True),
    "depth": Int(1, 16, search=(1, 4)),
    "dropout": Float(0.0, 0.9, search=(0.0, 0.4)),
}


@register("model", arguments=_KNOBS)
def seq2seq(
    shape,
    vocabulary,
    words,
    *,
    body="transformer",
    attention="additive",
    size="small",
    width=None,
    depth=None,
    dropout=0.1,
):
    """Makes an encoder and a decoder from words to the logits of words.

    It is trained on the true words before each step (teacher forcing): its
    input is a dict of `source` and `target`, the latter shifted by one, as
    `kerasgen.data` gives it for pairs of texts. `kerasgen.Translation` turns
    it into a model that writes by itself.

    Args:
        shape: tuple (time,) of one prepared source; it may be (None,).
        vocabulary: int >= 4, the number of source words, or the list of
            them; number 0 is padding.
        words: int >= 4, the number of target words.
        body: "transformer", or "gru" or "lstm" (both ways in the encoder).
        attention: "additive" (Bahdanau) or "multiplicative" (Luong), of the
            recurrent bodies.
        size: "tiny" (a block of 16), "small" (2 of 128) or "base" (3 of 256).
        width: int, of words and blocks, instead of the size's; 4 heads or 8
            must divide it.
        depth: int in [1, 16], the blocks of encoder and decoder, or the
            encoder's recurrent layers, instead of the size's.
        dropout: float in [0, 0.9], the rate on words and in the blocks.

    Returns:
        keras.Model from int `source` (batch, time) and `target`
        (batch, steps) to logits (batch, steps, words), with a layer `writer`
        and a dense layer `head`.

    Raises:
        ValueError: for a shape, number of words or knob that can't be.

    Source:
        Vaswani et al., 2017, arXiv:1706.03762; Bahdanau et al., 2015,
        arXiv:1409.0473; Luong et al., 2015, arXiv:1508.04025.

    Example:
        >>> model = seq2seq((7,), 30, 20, size="tiny")
        >>> x = {"source": ops.ones((2, 7)), "target": ops.ones((2, 5))}
        >>> model(x).shape
        TensorShape([2, 5, 20])
    """
    where = "seq2seq"
    values = {
        "body": body,
        "attention": attention,
        "size": size,
        "width": width,
        "depth": depth,
        "dropout": dropout,
    }
    if not isinstance(vocabulary, int):
        vocabulary = len(vocabulary)
    known = tuple(each or 1 for each in shape)
    check_factory(where, known, 1, _KNOBS, values)
    for name, count in (("vocabulary", vocabulary), ("words", words)):
        Int(4).check(where, name, count)
    plan = dict(_SIZES[size])
    plan["width"] = width or plan["width"]
    plan["depth"] = depth or plan["depth"]
    source = keras.Input(tuple(shape), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    seen = ops.not_equal(source, 0)
    encode = _attending if body == "transformer" else _recurrent
    memory = encode(source, seen, vocabulary, body, plan, dropout)
    if body == "transformer":
        writer = TransformerWriter(
            words,
            dropout=dropout,
            hidden=2 * plan["width"],
            **plan,
            name="writer",
        )
    else:
        writer = RecurrentWriter(
            words, plan["width"], dropout, body, attention, name="writer"
        )
    features = writer(target, memory, seen)
    head = layers.Dense(words, dtype="float32", name="head")
    inputs = {"source": source, "target": target}
    return keras.Model(inputs, head(features), name=where)


def _attending(source, seen, vocabulary, body, plan, dropout):
    width = plan["width"]
    x = layers.Embedding(vocabulary, width, name="words")(source)
    x = SinusoidalPositions(name="places")(x * width**0.5)
    x = layers.Dropout(dropout, name="drop")(x)
    for i in range(plan["depth"]):
        x = TransformerEncoder(
            plan["heads"], 2 * width, dropout, name=f"block{i}"
        )(x, mask=seen)
    return layers.LayerNormalization(epsilon=1e-6, name="memory")(x)


def _recurrent(source, seen, vocabulary, body, plan, dropout):
    x = layers.Embedding(vocabulary, plan["width"], name="words")(source)
    make = {"gru": layers.GRU, "lstm": layers.LSTM}[body]
    for i in range(plan["depth"]):
        x = layers.Dropout(dropout, name=f"drop{i}")(x)
        one = make(plan["width"], return_sequences=True, name=f"{body}{i}")
        x = layers.Bidirectional(one, name=f"both{i}")(x, mask=seen)
    return layers.Dropout(dropout, name="memory")(x)
