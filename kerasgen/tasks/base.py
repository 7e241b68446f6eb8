"""Task: what is asked of a model, and how its answers are judged."""

import dataclasses

import keras
import numpy as np


@dataclasses.dataclass(frozen=True)
class Measure:
    """One number per example, and what a set of them amounts to.

    Args:
        name: str, the metric's name, as a report shows it.
        values: callable `(y, outputs) -> float array (n,)`, or (n, k) of the
            numbers of each example that `reduce` makes one of, such as the
            counts that an F1 score is made of.
        better: "higher" or "lower".
        unit: str, "" where the number has none.
        reduce: callable from the array of values, whole or resampled by rows,
            to a float; the mean if None.
        exact: bool, whether each value is 0 or 1, so that an exact binomial
            interval holds for the mean.

    Example:
        >>> measure = Measure("hits", lambda y, o: 1.0 * (o.argmax(-1) == y))
        >>> measure.reduce_values(np.array([1.0, 0.0]))
        0.5
    """

    name: str
    values: object
    better: str = "higher"
    unit: str = ""
    reduce: object = None
    exact: bool = False

    def reduce_values(self, values):
        """Reduces per-example values to the metric.

        Args:
            values: float array (n,) or (n, k).

        Returns:
            float.
        """
        return float((self.reduce or np.mean)(np.asarray(values, "float64")))


@dataclasses.dataclass(frozen=True)
class Task:
    """What every task answers; a subclass is a frozen dataclass.

    The model gives logits, so that loss, metrics and answers are functions of
    `(y, outputs)` alone, and training code knows no task.

    Attributes:
        target: str, the form of its labels, as in Schema: "class" for whole
            numbers, "number", ...
        labelled: bool, whether measures need labels.
    """

    target = "number"
    labelled = True

    @property
    def units(self):
        """int, the width of the model's output."""
        raise NotImplementedError

    def loss(self):
        """Makes the Keras loss that training minimises."""
        raise NotImplementedError

    def fitted(self, y):
        """Gives the task with what its loss must know of training labels.

        Args:
            y: array of labels of the train split.

        Returns:
            Task; this one where there is nothing to know.
        """
        return self

    def metrics(self):
        """Makes the Keras metrics that training shows."""
        raise NotImplementedError

    def shown(self, metrics):
        """Makes the metrics that training is asked to show.

        Args:
            metrics: list of registered names, mappings of `name` and
                arguments, and what Keras takes for a metric.

        Returns:
            list of what Keras takes for a metric.
        """
        return list(metrics)

    def measures(self):
        """Lists what evaluation measures; the first is the headline."""
        raise NotImplementedError

    def answering(self, model):
        """Gives the model whose outputs are judged and served.

        Args:
            model: keras.Model, trained.

        Returns:
            keras.Model; the same but where answering is another thing than
            learning, as with texts that are written word by word.
        """
        return model

    def predict(self, outputs):
        """Turns the model's outputs into the served answer, a dict."""
        raise NotImplementedError

    def correct(self, y, outputs):
        """Gives the headline's number for each example.

        Args:
            y: array (n,), the truth.
            outputs: float array (n, units), what the model gave.

        Returns:
            float array (n,).
        """
        return np.asarray(
            self.headline.values(np.asarray(y), np.asarray(outputs))
        )

    @property
    def headline(self):
        """The measure that a report shows first."""
        return self.measures()[0]

    def check(self, y, where="Task"):
        """Checks labels against the task before anything is trained.

        Args:
            y: array of labels.
            where: str, whose labels they are.

        Raises:
            ValueError: for labels of the wrong shape, type or range.
        """
        raise NotImplementedError

    def get_config(self):
        """Gives the task's arguments."""
        fields = dataclasses.fields(self)
        values = {field.name: getattr(self, field.name) for field in fields}
        return {
            k: list(v) if isinstance(v, tuple) else v for k, v in values.items()
        }

    @classmethod
    def from_config(cls, config):
        """Makes the task from its arguments."""
        return cls(**config)


def probabilities(outputs):
    """Turns logits into probabilities in double precision.

    Args:
        outputs: float array (n, classes), logits.

    Returns:
        float64 array (n, classes); each row sums to one.

    Example:
        >>> probabilities(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    outputs = np.asarray(keras.ops.convert_to_numpy(outputs), "float64")
    shifted = np.exp(outputs - outputs.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)
