"""The parts of topic models: counts, words held back, and heads."""

import keras
from keras import layers, ops

from kerasgen.layers import kl_to_standard

# The steps of expectation maximization by which a mixture is found.
_ROUNDS = 20


@keras.saving.register_keras_serializable("kerasgen.layer")
class WordCounts(layers.Layer):
    """Counts how often each word is in a text; number 0 doesn't count.

    Args:
        vocabulary: int, the number of words.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> WordCounts(4)(ops.array([[2, 2, 3, 0]])).numpy().tolist()
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


@keras.saving.register_keras_serializable("kerasgen.layer")
class HoldBack(layers.Layer):
    """Parts words, in training, into those that are seen and those told.

    What is told weighs more, so that it stands for all.

    Args:
        rate: float in [0, 0.9], the share of words that are told.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> seen, told = HoldBack(0.5)(ops.ones((1, 8)), training=True)
        >>> (seen + told / 2).numpy().tolist()
        [[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
    """

    def __init__(self, rate=0.5, **kwargs):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.rate = rate
        self._seed = keras.random.SeedGenerator()

    def call(self, counts, training=False):
        """Gives the counts that are seen, and those that are told."""
        if not training or not self.rate:
            return counts, counts
        chance = keras.random.uniform(ops.shape(counts), seed=self._seed)
        away = ops.cast(chance < self.rate, counts.dtype)
        return counts * (1.0 - away), counts * away / self.rate

    def compute_output_shape(self, input_shape):
        """Gives the shape of the counts twice."""
        return input_shape, input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "rate": self.rate}


class Head(layers.Layer):
    """What heads share: topics over words, and what texts cost."""

    def __init__(self, topics, prior, **kwargs):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.topics = topics
        self.prior = prior

    def words(self):
        """Gives each topic's distribution over words, (topics, words)."""
        logits = ops.convert_to_tensor(self.logits)
        return ops.softmax(logits + ops.convert_to_tensor(self.bias), -1)

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
        self.bias = self.add_weight(
            shape=(words,), initializer="zeros", name="bias"
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
class TopicHead(Head):
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
        self.built = True

    def told(self, mixture):
        """Gives log probabilities of words; see `Head.told`."""
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
class MixtureHead(Head):
    """From the counts that are seen to a mixture, step by step.

    Args:
        topics: int.
        prior: float > 0; so many words of each topic are taken as seen.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> counts = ops.ones((2, 7))
        >>> MixtureHead(3)([counts, counts])["topics"].shape
        TensorShape([2, 3])
    """

    def __init__(self, topics, prior=0.1, **kwargs):
        super().__init__(topics, prior, **kwargs)

    def build(self, input_shape):
        """Makes topics."""
        self._start(input_shape[0][-1])
        self.built = True

    def call(self, inputs):
        """Gives mixture and costs."""
        counts, told = inputs
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
        return self._answer(ops.log(mixture + 1e-10), told, logs, none)
