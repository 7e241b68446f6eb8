"""The task to write a text from another sequence."""

import dataclasses
import re

import keras
import numpy as np
from keras import ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.metrics import bleu_counts, bleu_of_counts
from kerasgen.tasks.base import Measure, Task

SPECIAL = ("[PAD]", "[UNK]", "[START]", "[END]")
PAD, UNK, START, END = range(4)
_BOUNDS = {
    "size": Int(4),
    "length": Int(1),
    "label_smoothing": Float(0.0, 0.99),
    "search": Choice(("greedy", "beam", "sample")),
    "beams": Int(1),
    "top_k": Int(1),
    "top_p": Float(0.0, 1.0),
}
# What joins the words on both its sides, and what the word before it.
JOINS = ((r" (['’-]) ", r"\1"), (r" ([.,!?;:)])", r"\1"), (r"([(]) ", r"\1"))


@register("task")
@dataclasses.dataclass(frozen=True)
class Translation(Task):
    """A text for each example, such as its translation.

    A model for it is trained on the true words before each step, and
    `answering` makes of it the model that writes by itself: that one is
    judged and served. Words are lower case, with punctuation apart; those
    that train has once only are unknown words.

    Args:
        words: tuple of str, the target words from number 4 on, behind padding,
            unknown, start and end; empty until `fitted`, when numbers stand
            for themselves.
        size: int >= 4, the greatest number of words, the first four included.
        length: int >= 1, the most words of a text, its end included.
        label_smoothing: float in [0, 0.99], the probability mass that
            training spreads over all words.
        search: "greedy", "beam" or "sample", how it writes.
        beams: int >= 1, the beginnings that "beam" follows.
        top_k: int >= 1, how many of the likeliest words "sample" draws from,
            or None for all.
        top_p: float in [0, 1], the share of probability that it draws from.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Sutskever et al., "Sequence to Sequence Learning with Neural
        Networks", 2014, arXiv:1409.3215; label smoothing: Vaswani et al.,
        2017, arXiv:1706.03762, section 5.4.

    Example:
        >>> task = Translation(words=("a", "dog", "."))
        >>> task.texts(np.array([[4, 5, 6, 3, 0]]))
        ['a dog.']
    """

    words: tuple = ()
    size: int = 10_000
    length: int = 32
    label_smoothing: float = 0.1
    search: str = "beam"
    beams: int = 4
    top_k: int = None
    top_p: float = 1.0

    target = "text"
    joins = JOINS

    def __post_init__(self):
        for name, bounds in _BOUNDS.items():
            value = getattr(self, name)
            if name != "top_k" or value is not None:
                bounds.check("Translation", name, value)
        object.__setattr__(self, "words", tuple(map(str, self.words)))

    @property
    def units(self):
        """int, one logit a word."""
        return len(SPECIAL) + len(self.words) if self.words else self.size

    @property
    def vocabulary(self):
        """tuple of str, what each number stands for."""
        names = self.words or map(str, range(len(SPECIAL), self.size))
        return (*SPECIAL, *names)

    def loss(self):
        """Cross-entropy of the words, the mean over those of a text."""
        return WordLoss(self.label_smoothing)

    def metrics(self):
        """The share of words that are the likeliest."""
        return [WordAccuracy(name="word_accuracy")]

    def measures(self):
        """BLEU of the corpus, without regard to case."""
        return [Measure("bleu", self._counts, reduce=bleu_of_counts)]

    def _counts(self, y, outputs):
        pairs = zip(self.texts(outputs), y, strict=True)
        return np.array(
            [bleu_counts(text, str(truth)) for text, truth in pairs]
        )

    def texts(self, tokens):
        """Writes numbers as texts.

        Args:
            tokens: int array (n, steps); what comes at and behind an end
                doesn't count.

        Returns:
            list of str.
        """
        names, found = self.vocabulary, []
        for row in np.asarray(tokens, "int64"):
            words = []
            for number in row.tolist():
                if number == END:
                    break
                if number not in (PAD, START):
                    words.append(names[number])
            text = " ".join(words)
            for pattern, joined in JOINS:
                text = re.sub(pattern, joined, text)
            found.append(text)
        return found

    def answering(self, model):
        """Makes of a trained model one that writes by itself.

        Args:
            model: keras.Model with an input `source`, a layer `writer` and
                a layer `head`, such as `kerasgen.seq2seq` makes; one without
                a writer is taken as it is.

        Returns:
            keras.Model from `source` to int (batch, length).
        """
        names = [layer.name for layer in model.layers]
        if "writer" not in names:
            return model
        writer = model.get_layer("writer")
        _, memory, seen = writer._inbound_nodes[0].input_tensors
        search = writer.searching(
            model.get_layer("head"),
            start=START,
            end=END,
            length=self.length,
            search=self.search,
            beams=self.beams,
            top_k=self.top_k,
            top_p=self.top_p,
        )
        source = next(each for each in model.inputs if each.name == "source")
        return keras.Model(source, search(memory, seen), name="answering")

    def predict(self, outputs):
        """Gives the numbers of words; who serves them adds the text.

        Args:
            outputs: int tensor (batch, length), what `answering` gave.

        Returns:
            dict with `tokens` (batch, length).
        """
        return {"tokens": ops.cast(outputs, "int32")}

    def check(self, y, where="Translation"):
        """Checks that targets are texts."""
        wrong = [each for each in y if not isinstance(each, (str, bytes))]
        if wrong:
            raise ValueError(
                message(where, "targets must be texts", {"y": wrong[0]})
            )


@keras.saving.register_keras_serializable("kerasgen.loss")
class WordLoss(keras.losses.Loss):
    """Cross-entropy of words, the mean over those of an example.

    Args:
        label_smoothing: float in [0, 1).
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> y, logits = ops.array([[4, 3, 0]]), ops.zeros((1, 3, 8))
        >>> round(float(WordLoss()(y, logits)), 4)
        2.0794
    """

    def __init__(
        self,
        label_smoothing=0.0,
        reduction="sum_over_batch_size",
        name="words",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: int (batch, steps), 0 where there is no word.
            y_pred: float (batch, steps, words), logits.

        Returns:
            float (batch,), in nats.
        """
        y_true = ops.cast(y_true, "int32")
        logs = ops.log_softmax(ops.cast(y_pred, "float32"), -1)
        cost = -ops.take_along_axis(logs, y_true[..., None], axis=-1)[..., 0]
        smooth = self.label_smoothing
        cost = (1.0 - smooth) * cost - smooth * ops.mean(logs, -1)
        known = ops.cast(ops.not_equal(y_true, PAD), "float32")
        count = ops.maximum(ops.sum(known, -1), 1.0)
        return ops.sum(cost * known, -1) / count

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "label_smoothing": self.label_smoothing,
        }


@keras.saving.register_keras_serializable("kerasgen.metric")
class WordAccuracy(keras.metrics.Mean):
    """Share of words that are the likeliest; padding doesn't count.

    Args:
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = WordAccuracy()
        >>> y, logits = ops.array([[1, 2, 0]]), ops.eye(3)[None]
        >>> _ = metric.update_state(y, logits)
        >>> float(metric.result())
        0.0
    """

    def __init__(self, name="word_accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: int (batch, steps).
            y_pred: float (batch, steps, words).
            sample_weight: float (batch,), or None.
        """
        y_true = ops.cast(y_true, "int32")
        hit = ops.equal(y_true, ops.cast(ops.argmax(y_pred, -1), "int32"))
        weight = ops.cast(ops.not_equal(y_true, PAD), "float32")
        if sample_weight is not None:
            weight = weight * ops.reshape(
                ops.cast(sample_weight, "float32"), (-1, 1)
            )
        return super().update_state(hit, weight)
