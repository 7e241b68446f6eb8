"""What a factory is tried on, and what answers a task is judged by."""

import dataclasses
import inspect
from collections.abc import Mapping

import keras
import numpy as np

from kerasgen.core import Shape, table
from kerasgen.data import synthetic
from kerasgen.losses import CTC
from kerasgen.models import image_classifier, tabular_classifier
from kerasgen.tasks import (
    Anomaly,
    Classification,
    Segmentation,
    Tagging,
    Translation,
)
from kerasgen.testing.expect import examples, model_arguments


@dataclasses.dataclass(frozen=True)
class Subject:
    """Small data that a factory's model learns by heart.

    Args:
        arguments: tuple of the factory's positional arguments.
        x: array (n, ...), or dict of them, prepared examples.
        y: array (n, ...), or dict of them, labels.
        loss: keras.losses.Loss of labels and outputs.
        width: int, the size of the output's last axis, or dict of them.

    Example:
        >>> from kerasgen.models import tabular_classifier
        >>> subject(tabular_classifier).width
        3
    """

    arguments: tuple
    x: object
    y: object
    loss: object
    width: object

    def rows(self, n):
        """Gives the first examples."""
        return keras.tree.map_structure(lambda values: values[:n], self.x)


def subject(factory):
    """Finds what a factory is tried on.

    Args:
        factory: a registered function; one whose name isn't in `SUBJECTS`
            takes rows, spectrograms or images to classes, or to a number.

    Returns:
        Subject.

    Example:
        >>> from kerasgen.models import tabular_regressor
        >>> subject(tabular_regressor).arguments
        ((6,),)
    """
    if factory.__name__ in SUBJECTS:
        return SUBJECTS[factory.__name__]()
    arguments = model_arguments(factory)
    shape, *classes = arguments
    x, y = examples(shape, *(classes or [3]))
    if "classes" in inspect.signature(factory).parameters:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return Subject(arguments, x, y, loss, classes[0])
    loss = keras.losses.MeanSquaredError()
    return Subject(arguments, x, y.astype("float32"), loss, 1)


def sample(kind, part, **values):
    """Makes a part with its defaults, on small data where it needs some.

    Args:
        kind: str, the part's kind.
        part: class or function.
        **values: arguments instead of the defaults.

    Returns:
        The part, made.

    Example:
        >>> from kerasgen.methods import SAM
        >>> sample("step", SAM).rho
        0.05
    """
    if kind == "model":
        return part(*subject(part).arguments, **values)
    if kind == "method":
        return _method(part, values)
    if kind == "adapter":
        return part(tabular_classifier((6,), 3, size="tiny"), **values)
    return part(**values)


def _method(part, values):
    task = Classification(3)
    # A method for examples of two shapes must work where they differ.
    for name, bounds in table(part).items():
        if isinstance(bounds, Shape):
            values = {name: (8, 8, 1), **values}
    try:
        return part(tabular_classifier((6,), 3, size="tiny"), task, **values)
    except ValueError as error:
        if "feature map" not in str(error):
            raise
        model = image_classifier((8, 8, 1), 3, size="tiny")
        return part(model, task, **values)


def told(task):
    """Gives labels, outputs that are right, and outputs that are wrong.

    Args:
        task: Task; one whose registered name isn't in `ANSWERS` has a label
            or a number for each example.

    Returns:
        Triple of array (n, ...), float arrays (n, ..., units) or dicts; where
        the loss sees others than the measures, a triple for it comes fourth.

    Example:
        >>> from kerasgen.tasks import Regression
        >>> y, right, wrong = told(Regression())
        >>> bool((right[:, 0] == y).all())
        True
    """
    found = ANSWERS.get(type(task).__name__)
    return found(task) if found else _plain(task.units)


def _plain(units):
    if isinstance(units, Mapping):
        each = {name: _plain(width) for name, width in units.items()}
        return tuple({n: each[n][i] for n in each} for i in range(3))
    if units > 1:
        y = np.arange(12) % units
        right = np.eye(units, dtype="float32")[y] * 20.0
    else:
        y = np.linspace(-1.0, 1.0, 12).astype("float32")
        right = y[:, None]
    return y, right, np.roll(right, 1, 0)


def _anomaly():
    x, y = examples((6,))
    return Subject(((6,),), x, (y > 1).astype("int64"), Anomaly().loss(), 1)


def _clusters():
    x, y = examples((6,))
    return Subject(((6,), 3), x, y, _sharp, 3)


def _sharp(y, logits):
    # Logits that are logarithms of distances grow slowly.
    return keras.losses.sparse_categorical_crossentropy(
        y, 4.0 * logits, from_logits=True
    )


def _groups(task):
    y = np.arange(12) % task.clusters
    one_hot = np.eye(task.clusters, dtype="float32")
    return y, 20.0 * one_hot[y], one_hot[np.arange(12) // 3 % task.clusters]


def _scores(task):
    y = (np.arange(12) % 4 == 0).astype("int64")
    right = (10.0 * y[:, None] + np.arange(12)[:, None] / 12).astype("float32")
    return y, right, 10.0 - right


def _topics():
    random = np.random.default_rng(0)
    labels = np.arange(16) % 3
    # Each topic has six words of its own, in any order; some are missing.
    x = random.permuted(np.tile(np.arange(3, 9), (16, 1)), axis=1)
    x = x + 6 * labels[:, None]
    x[:, 5] *= random.integers(0, 2, 16)
    y = {"topics": labels, "surprise": np.zeros((16, 3), "float32")}
    # Labels as topics, beside a little of what the words cost.
    told = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss = {"topics": told, "surprise": _cost}
    width = {"topics": 3, "surprise": 3}
    return Subject((21, 3), x.astype("int32"), y, loss, width)


def _cost(y, surprise):
    return 1e-3 * keras.ops.mean(surprise[:, :2], -1)


def _mixtures(task):
    right = np.zeros((12, task.topics), "float32")
    cost = np.tile(np.array([[5.0, 1.0, 4.0]], "float32"), (12, 1))
    worse = cost + np.array([3.0, 0.0, 0.0], "float32")
    return (
        np.arange(12) % 2,
        {"topics": right, "surprise": cost},
        {"topics": right, "surprise": worse},
    )


def _pairs():
    random = np.random.default_rng(0)
    source = random.integers(3, 6, (16, 1)).repeat(4, 1)
    source[np.arange(4) >= random.integers(2, 5, (16, 1))] = 0
    # The source's word again and again, and the end.
    y = np.concatenate([source[:, :1].repeat(3, 1) + 1, np.full((16, 1), 3)], 1)
    before = np.concatenate([np.full((16, 1), 2), y[:, :-1]], 1)
    x = {"source": source.astype("int32"), "target": before.astype("int32")}
    loss = Translation(size=8, label_smoothing=0.0).loss()
    return Subject(((4,), 6, 8), x, y.astype("int32"), loss, 8)


def _texts(task):
    y = np.array(["4 5 6 7", "5 6 7 8 9", "9 8 7 6", "6 6 5 4"] * 2)
    right = np.zeros((8, 8), "int32")
    for row, text in zip(right, y, strict=True):
        words = [*map(int, text.split()), 3]
        row[: len(words)] = words
    logits = np.eye(task.units, dtype="float32")[right] * 20.0
    taught = right, logits, np.roll(logits, 1, 0)
    return y, right, np.roll(right, 1, 0), taught


def _text_classifier():
    random = np.random.default_rng(0)
    y = np.arange(16) % 3
    # The class is the word that comes most; texts differ in length.
    x = np.where(
        random.random((16, 6)) < 0.6,
        y[:, None] + 3,
        random.integers(6, 12, (16, 6)),
    )
    x[:, 0] = y + 3
    x[np.arange(6) >= random.integers(3, 7, (16, 1))] = 0
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return Subject(((6,), 3, 12), x.astype("int32"), y, loss, 3)


def _tagger():
    random = np.random.default_rng(0)
    words = random.integers(3, 12, (16, 5))
    # A word's tag is told by the word before it.
    y = np.concatenate([words[:, :1] * 0, words[:, :-1] % 3], 1)
    over = np.arange(5) >= random.integers(2, 6, (16, 1))
    words[over], y[over] = 0, -1
    letters = np.stack([words + 60, np.where(words % 2, 97, 0)], -1)
    letters[over] = 0
    x = np.concatenate([words[..., None], letters], -1).astype("int32")
    return Subject(
        ((5, 3), 3, 12), x, y, Tagging(("a", "b", "c"), "none").loss(), 3
    )


def _tags(task):
    y = np.array([[1, 2, 0, 1], [0, 1, 2, -1], [1, 0, -1, -1], [0, 0, 1, 0]])
    right = np.eye(task.units, dtype="float32")[np.maximum(y, 0)] * 20.0
    return y, right, np.roll(right, 1, 1)


def _masks():
    x, y = synthetic.masks(16, 3, (8, 8, 1))
    x = (x / 64.0 - 1.0).astype("float32")
    loss = Segmentation(3).loss()
    return Subject(((8, 8, 1), 3), x, y, loss, 3)


def _videos():
    x, y = synthetic.videos(16, 2, (4, 8, 8, 1))
    x = (x / 64.0 - 1.0).astype("float32")
    loss = Classification(2).loss()
    return Subject(((4, 8, 8, 1), 2), x, y, loss, 2)


def _told_masks(task):
    y = np.arange(12 * 9).reshape(12, 3, 3) % task.units
    right = np.eye(task.units, dtype="float32")[y] * 20.0
    return y, right, np.roll(right, 1, 2)


def _rated():
    """Ratings of six users and five items."""
    pairs = np.array([(u, i) for u in range(1, 7) for i in range(1, 6)])[:16]
    y = np.sin(np.arange(16.0)).astype("float32")
    loss = keras.losses.MeanSquaredError()
    return Subject((6, 5), pairs.astype("float32"), y, loss, 1)


def _ranked(task):
    """Items that come next; the answer has the best score, or the worst."""
    y = np.arange(12) % task.items
    right = np.eye(task.items, dtype="float32")[y] * 20.0
    return y, right, -right


def _spread(task):
    """Numbers, and outputs whose interval holds them, or doesn't."""
    y = np.linspace(-1.0, 1.0, 12).astype("float32")
    right = np.full((12, task.units), -4.0, "float32")
    right[:, 0] = y
    if len(getattr(task, "quantiles", ())) > 1:
        right[:, 0] -= np.log1p(np.exp(-4.0))
    # Elsewhere, and wider.
    wrong = right + np.array([3.0] + [2.0] * (task.units - 1), "float32")
    return y, right, wrong


def _sounds():
    """Spectra in which a band tells the symbol."""
    y = np.array([[i % 3, (i // 3) % 3] for i in range(16)])
    x = np.random.default_rng(0).normal(0.0, 0.1, (16, 16, 8))
    for row, (one, two) in enumerate(y):
        x[row, 2:6, 2 * one] += 3.0
        x[row, 10:14, 2 * two] += 3.0
    return Subject(((16, 8), 3), x.astype("float32"), y, CTC(), 4)


def _several():
    """A class and a number, told by the columns' mean."""
    x, kind = examples((6,))
    y = {"kind": kind, "size": x.mean(1)}
    loss = {
        "kind": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "size": keras.losses.MeanSquaredError(),
    }
    width = {"kind": 3, "size": 1}
    return Subject(((6,), width), x, y, loss, width)


def _strings(task):
    """Two symbols an example; the wrong outputs tell two others."""
    count = task.units - 1
    y = np.stack([np.arange(12) % count, (np.arange(12) + 1) % count], 1)
    right = np.zeros((12, 4, task.units), "float32")
    right[:, 1::2, -1] = 20.0
    for place in (0, 1):
        right[np.arange(12), 2 * place, y[:, place]] = 20.0
    return y, right, np.roll(right, 2, 0)


# Of a factory with inputs of another form: its name, and a function that
# makes the Subject.
SUBJECTS = {
    "anomaly_detector": _anomaly,
    "clusterer": _clusters,
    "multi_task": _several,
    "recommender": _rated,
    "segmenter": _masks,
    "seq2seq": _pairs,
    "speech_recognizer": _sounds,
    "tagger": _tagger,
    "text_classifier": _text_classifier,
    "topic_model": _topics,
    "video_classifier": _videos,
}
# Of a task with answers of another form: the class's name, and a function
# from the task to labels, right outputs and wrong ones.
ANSWERS = {
    "Anomaly": _scores,
    "Clustering": _groups,
    "GaussianRegression": _spread,
    "QuantileRegression": _spread,
    "Recommendation": _ranked,
    "Segmentation": _told_masks,
    "Tagging": _tags,
    "Topics": _mixtures,
    "Transcription": _strings,
    "Translation": _texts,
}
