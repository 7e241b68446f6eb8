"""Texts, as numbers of words, to mixtures of topics."""

import keras
import numpy as np
from keras import layers, ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.models.base import KNOBS, check_factory
from kerasgen.models.topic_heads import (
    HoldBack,
    MixtureHead,
    TopicHead,
    WordCounts,
)

INFERENCES = ("encoder", "em")
DECODERS = ("mixture", "product")
_SIZES = {
    "tiny": {"width": 16, "depth": 1},
    "small": {"width": 128, "depth": 1},
    "base": {"width": 512, "depth": 2},
}
_KNOBS = {
    "inference": Choice(INFERENCES, search=INFERENCES),
    "decoder": Choice(DECODERS, search=DECODERS),
    "prior": Float(1e-3, search=(0.01, 1.0), log=True),
    "held": Float(0.0, 0.9, search=(0.0, 0.7)),
    "size": KNOBS["size"],
    "dropout": KNOBS["dropout"],
}


@register("model", arguments=_KNOBS)
def topic_model(
    vocabulary,
    topics,
    *,
    inference="encoder",
    decoder="product",
    prior=0.1,
    held=0.5,
    size="small",
    dropout=0.2,
):
    """Makes a model from the numbers of a text's words to its topics.

    The words' order doesn't matter; number 0 is padding and doesn't count.
    `inference` says how a text's mixture is found: by a network that is
    trained ("encoder", a variational autoencoder) or by expectation
    maximization, step by step ("em", probabilistic latent semantic analysis;
    `size` and `dropout` then change nothing but the head's place). `decoder`
    says how words follow: each from one topic ("mixture", as in LDA), or from
    all topics together ("product", ProdLDA, beside the words' frequencies).

    Args:
        vocabulary: int >= 3, the number of words, padding included, or the
            list of them.
        topics: int >= 2.
        inference: "encoder" or "em"; "em" goes with "mixture" alone.
        decoder: "mixture" or "product".
        prior: float > 0, of the symmetric Dirichlet distribution of mixtures;
            the less, the fewer topics a text has.
        held: float in [0, 0.9], the share of words that are held back in
            training: the mixture is found from the others, and must tell
            these; with 0 it is found from the words that it tells.
        size: "tiny" (a layer of 16), "small" (128) or "base" (two of 512).
        dropout: float in [0, 0.9], the rate before mean and variance.

    Returns:
        keras.Model from int (batch, time) to a dict: `topics` (batch, topics)
        the logits of the mixture, and `surprise` (batch, 3), see
        `kerasgen.Topics`. Its layer `head` holds the topics.

    Raises:
        ValueError: for a number or knob that can't be, or "em" with
            "product".

    Source:
        Hofmann, "Probabilistic Latent Semantic Indexing", 1999; Blei et al.,
        "Latent Dirichlet Allocation", 2003; Miao et al., "Neural Variational
        Inference for Text Processing", 2016, arXiv:1511.06038; Srivastava &
        Sutton, "Autoencoding Variational Inference For Topic Models", 2017,
        arXiv:1703.01488, equation 2 for the prior. There batch normalization
        keeps topics apart, here a bias of each word does, as in Eisenstein et
        al., "Sparse Additive Generative Models of Text", 2011. Words are held
        back as in document completion (Wallach et al., 2009).

    Example:
        >>> model = topic_model(30, 4, size="tiny")
        >>> model(np.array([[3, 4, 0]]))["topics"].shape
        TensorShape([1, 4])
    """
    where = "topic_model"
    values = {
        "inference": inference,
        "decoder": decoder,
        "prior": prior,
        "held": held,
        "size": size,
        "dropout": dropout,
    }
    if not isinstance(vocabulary, int):
        vocabulary = len(vocabulary)
    check_factory(where, (vocabulary,), 1, _KNOBS, values)
    Int(3).check(where, "vocabulary", vocabulary)
    Int(2).check(where, "topics", topics)
    if inference == "em" and decoder == "product":
        raise ValueError(
            message(
                where,
                '`inference` "em" finds the parts of a mixture',
                {"inference": inference, "decoder": decoder},
                'Pass decoder="mixture".',
            )
        )
    inputs = keras.Input((None,), dtype="int32", name="words")
    counts = WordCounts(vocabulary, name="counts")(inputs)
    seen, told = HoldBack(held, name="hold_back")(counts)
    if inference == "em":
        head = MixtureHead(topics, prior, name="head")
        return keras.Model(inputs, head([seen, told]), name=where)
    plan = _SIZES[size]
    x = ops.log1p(seen)
    for i in range(plan["depth"]):
        x = layers.Dense(plan["width"], "gelu", name=f"dense{i}")(x)
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    head = TopicHead(topics, prior, decoder, name="head")
    return keras.Model(inputs, head([x, told]), name=where)


def top_words(model, vocabulary=None, count=10):
    """Lists the likeliest words of each topic.

    Args:
        model: keras.Model, of `topic_model`.
        vocabulary: list of str, the words by number, or None for numbers.
        count: int >= 1, how many words.

    Returns:
        list of lists of str or int, the likeliest first.

    Example:
        >>> words = top_words(topic_model(9, 2, size="tiny"), count=3)
        >>> [len(topic) for topic in words]
        [3, 3]
    """
    head = model.get_layer("head")
    logits = keras.ops.convert_to_numpy(head.logits + head.bias).copy()
    # Padding is no word.
    logits[:, 0] = -np.inf
    order = np.argsort(-logits, -1, kind="stable")[:, :count]
    if vocabulary is None:
        return order.tolist()
    return [[vocabulary[i] for i in row] for row in order]


def word_logs(model, x):
    """Gives what a topic model expects of the words of texts.

    Args:
        model: keras.Model, of `topic_model`.
        x: int array (n, time), the numbers of the words that are seen.

    Returns:
        float array (n, words), the logarithms of each word's probability:
        with them the words of the same texts that were held back are judged
        (document completion).

    Source:
        Wallach et al., "Evaluation Methods for Topic Models", 2009, section
        5.1.

    Example:
        >>> logs = word_logs(topic_model(9, 2, size="tiny"), np.ones((1, 4)))
        >>> round(float(np.exp(logs).sum()), 4)
        1.0
    """
    logits = model(np.asarray(x, "int32"), training=False)["topics"]
    logs = model.get_layer("head").told(ops.softmax(logits, -1))
    return keras.ops.convert_to_numpy(logs)


def plsa(counts, topics, rounds=100, seed=0, prior=0.0):
    """Finds topics and mixtures by expectation maximization, on all texts.

    Args:
        counts: array (n, words), how often each word is in each text.
        topics: int >= 1.
        rounds: int >= 1.
        seed: int, decides where it begins.
        prior: float >= 0, so many more words of each topic are taken as seen
            in each text, and of each word in each topic.

    Returns:
        Pair of float arrays: mixtures (n, topics), whose rows add up to 1,
        and topics (topics, words), likewise.

    Source:
        Hofmann, "Probabilistic Latent Semantic Indexing", 1999, equations 3
        to 6, without tempering.

    Example:
        >>> mixtures, words = plsa(np.eye(4), 2, rounds=5)
        >>> mixtures.shape, words.shape
        ((4, 2), (2, 4))
    """
    counts = np.asarray(counts, "float64")
    random = np.random.default_rng(seed)
    mixtures = random.dirichlet(np.ones(topics), len(counts))
    words = random.dirichlet(np.ones(counts.shape[1]), topics)
    for _ in range(rounds):
        share = counts / np.maximum(mixtures @ words, 1e-300)
        more = mixtures * (share @ words.T) + prior
        words = words * (mixtures.T @ share) + prior
        mixtures = more / np.maximum(more.sum(1, keepdims=True), 1e-300)
        words = words / np.maximum(words.sum(1, keepdims=True), 1e-300)
    return mixtures, words
