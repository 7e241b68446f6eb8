"""Texts, as numbers of words, to mixtures of topics."""

import keras
import numpy as np
from keras import layers, ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.layers import kl_to_standard
from kerasgen.models.base import KNOBS, check_factory

INFERENCES = ("encoder", "em")
DECODERS = ("mixture", "product")
_SIZES = {
    "tiny": {"width": 16, "depth": 1},
    "small": {"width": 128, "depth": 1},
    "base": {"width": 512, "depth": 2},
}
# The steps of expectation maximization by which a mixture is found.
_ROUNDS = 20
_KNOBS = {
    "inference": Choice(INFERENCES, search=INFERENCES),
    "decoder": Choice(DECODERS, search=DECODERS),
    "prior": Float(1e-3, search=(0.01, 1.0), log=True),
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
        keeps topics apart, here the words' frequencies stand as a bias.

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
    if inference == "em":
        head = MixtureHead(topics, prior, name="head")
        return keras.Model(inputs, head(counts), name=where)
    plan = _SIZES[size]
    x = ops.log1p(counts)
    for i in range(plan["depth"]):
        x = layers.Dense(plan["width"], "gelu", name=f"dense{i}")(x)
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    head = TopicHead(topics, prior, decoder, name="head")
    return keras.Model(inputs, head([x, counts]), name=where)


@keras.saving.register_keras_serializable("kerasgen.layer")
class WordCounts(layers.Layer):
    """Counts how often each word is in a text; number 0 doesn't count.

    Args:
        vocabulary: int, the number of words.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> WordCounts(4)(np.array([[2, 2, 3, 0]])).numpy().tolist()
        [[0.0, 0.0, 2.0, 1.0]]
    """

    def __init__(self, vocabulary, **kwargs):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.vocabulary = vocabulary

    def call(self, x):
        """Gives counts."""
        known = ops.cast(ops.not_equal(x, 0), "float32")
        x = ops.clip(ops.cast(x, "int32"), 0, self.vocabulary - 1)
        found = ops.bincount(x, weights=known, minlength=self.vocabulary)
        return ops.cast(found[:, : self.vocabulary], "float32")

    def compute_output_shape(self, input_shape):
        """Gives (batch, vocabulary)."""
        return (input_shape[0], self.vocabulary)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "vocabulary": self.vocabulary}


class _Head(layers.Layer):
    """What heads share: topics over words, and what texts cost."""

    def __init__(self, topics, prior, **kwargs):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.topics = topics
        self.prior = prior

    def words(self):
        """Gives each topic's distribution over words, (topics, words)."""
        return ops.softmax(ops.convert_to_tensor(self.logits), -1)

    def told(self, mixture):
        """Gives the logarithms of the words' probabilities.

        Args:
            mixture: float tensor (batch, topics).

        Returns:
            float tensor (batch, words).
        """
        return ops.log(ops.matmul(mixture, self.words()) + 1e-10)

    def _start(self, words):
        self.logits = self.add_weight(
            shape=(self.topics, words),
            initializer=keras.initializers.RandomNormal(stddev=0.5),
            name="logits",
        )

    def _answer(self, logits, counts, logs, far):
        cost = -ops.sum(counts * logs, -1)
        count = ops.sum(counts, -1)
        return {
            "topics": logits,
            "surprise": ops.stack([cost, far, count], -1),
        }

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"topics": self.topics, "prior": self.prior}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("kerasgen.layer")
class TopicHead(_Head):
    """From a code and counts to a mixture by a normal distribution.

    Args:
        topics: int.
        prior: float > 0.
        decoder: "mixture" or "product".
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> head = TopicHead(3)
        >>> head([ops.ones((2, 5)), ops.ones((2, 7))])["surprise"].shape
        TensorShape([2, 3])
    """

    def __init__(self, topics, prior=0.1, decoder="product", **kwargs):
        super().__init__(topics, prior, **kwargs)
        self.decoder = decoder
        self._seed = keras.random.SeedGenerator()

    def build(self, input_shape):
        """Makes topics, and the maps to mean and variance."""
        code, counts = input_shape
        self._start(counts[-1])
        self.mean = layers.Dense(self.topics, dtype="float32", name="mean")
        self.spread = layers.Dense(
            self.topics,
            kernel_initializer="zeros",
            dtype="float32",
            name="spread",
        )
        self.mean.build(code)
        self.spread.build(code)
        if self.decoder == "product":
            self.bias = self.add_weight(
                shape=(counts[-1],), initializer="zeros", name="bias"
            )
        self.built = True

    def told(self, mixture):
        """Gives log probabilities of words; see `_Head.told`."""
        if self.decoder == "mixture":
            return super().told(mixture)
        return ops.log_softmax(ops.matmul(mixture, self.logits) + self.bias, -1)

    def call(self, inputs, training=False):
        """Gives mixture and costs."""
        code, counts = inputs
        code = ops.cast(code, "float32")
        mean, spread = self.mean(code), self.spread(code)
        logits = mean
        if training:
            noise = keras.random.normal(ops.shape(mean), seed=self._seed)
            logits = mean + ops.exp(0.5 * spread) * noise
        # The Dirichlet prior as a normal distribution of logits.
        wide = (1.0 - 1.0 / self.topics) / self.prior
        far = kl_to_standard(mean * wide**-0.5, spread - ops.log(wide))
        logs = self.told(ops.softmax(logits, -1))
        return self._answer(logits, counts, logs, far)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "decoder": self.decoder}


@keras.saving.register_keras_serializable("kerasgen.layer")
class MixtureHead(_Head):
    """From counts to a mixture by expectation maximization.

    Args:
        topics: int.
        prior: float > 0; so many words of each topic are taken as seen.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> MixtureHead(3)(ops.ones((2, 7)))["topics"].shape
        TensorShape([2, 3])
    """

    def __init__(self, topics, prior=0.1, **kwargs):
        super().__init__(topics, prior, **kwargs)

    def build(self, input_shape):
        """Makes topics."""
        self._start(input_shape[-1])
        self.built = True

    def call(self, counts):
        """Gives mixture and costs."""
        counts = ops.cast(counts, "float32")
        words = ops.stop_gradient(self.words())

        def turn(_, mixture):
            share = counts / (ops.matmul(mixture, words) + 1e-10)
            mixture = mixture * ops.matmul(share, ops.transpose(words))
            mixture = mixture + self.prior
            return mixture / ops.sum(mixture, -1, keepdims=True)

        flat = ops.ones_like(counts[:, :1]) / self.topics
        mixture = ops.repeat(flat, self.topics, -1)
        mixture = ops.fori_loop(0, _ROUNDS, turn, mixture)
        # At its optimum a mixture has no slope; the topics have.
        mixture = ops.stop_gradient(mixture)
        logs = self.told(mixture)
        none = ops.zeros_like(counts[:, 0])
        return self._answer(ops.log(mixture + 1e-10), counts, logs, none)


def top_words(model, vocabulary=None, count=10):
    """Lists the words that tell each topic best.

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
    logits = keras.ops.convert_to_numpy(model.get_layer("head").logits).copy()
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
