"""Several tasks at once: a dict of answers for each example."""

import dataclasses
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from kerasgen.core import Float, instance, message, one_of, register
from kerasgen.tasks.base import Task
from kerasgen.tasks.label import Classification
from kerasgen.tasks.value import Regression


def _usual():
    return {"label": Classification(), "value": Regression()}


@register("task")
@dataclasses.dataclass(frozen=True)
class MultiTask(Task):
    """Several questions about each example, answered by one model.

    Labels and the model's outputs are dicts by the tasks' names. What the
    metrics and the served answers are called begins with the task's name.

    Args:
        tasks: mapping of name to Task; without it, one of two classes as
            `label`, and one number as `value`.
        weights: mapping of name to the float >= 0 that the task's loss is
            multiplied with; 1 for those that aren't named.

    Raises:
        ValueError: for no task, a name that is no identifier, or a weight
            below 0 or of an unknown task.
        TypeError: for what is no Task.

    Source:
        Caruana, "Multitask Learning", 1997.

    Example:
        >>> task = MultiTask({"kind": Classification(3), "size": Regression()})
        >>> task.units
        {'kind': 3, 'size': 1}
    """

    tasks: Mapping = dataclasses.field(default_factory=_usual)
    weights: Mapping = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        instance("MultiTask", "tasks", self.tasks, Mapping)
        for name, task in self.tasks.items():
            instance("MultiTask", f"tasks[{name!r}]", task, Task)
        if not self.tasks or not all(n.isidentifier() for n in self.tasks):
            raise ValueError(
                message(
                    "MultiTask",
                    "there must be tasks, and each name must be an identifier",
                    {"tasks": list(self.tasks)},
                )
            )
        for name, weight in self.weights.items():
            one_of("MultiTask", "weights", name, self.tasks)
            Float(0.0).check("MultiTask", f"weights[{name!r}]", weight)
        object.__setattr__(self, "tasks", dict(self.tasks))
        object.__setattr__(self, "weights", dict(self.weights))

    @property
    def units(self):
        """dict of name to the width of the model's output."""
        return {name: task.units for name, task in self.tasks.items()}

    def fitted(self, y):
        """Gives the tasks what their losses must know; see `Task.fitted`."""
        tasks = {n: task.fitted(y[n]) for n, task in self.tasks.items()}
        return dataclasses.replace(self, tasks=tasks)

    def loss(self):
        """The tasks' losses, weighted and added up."""
        losses = {name: task.loss() for name, task in self.tasks.items()}
        return SumOfLosses(losses, self.weights)

    def metrics(self):
        """dict of name to the metrics of the task."""
        return {name: task.metrics() for name, task in self.tasks.items()}

    def shown(self, metrics):
        """Makes metrics by name, a dict of lists; see `Task.shown`."""
        return {n: self.tasks[n].shown(each) for n, each in metrics.items()}

    def measures(self):
        """Lists the measures of all tasks, in order."""
        return [
            dataclasses.replace(
                measure,
                name=f"{name}_{measure.name}",
                values=_picked(name, measure.values),
            )
            for name, task in self.tasks.items()
            for measure in task.measures()
        ]

    def correct(self, y, outputs):
        """Gives the headline's number of each task for each example.

        Args:
            y: dict of name to array (n,).
            outputs: dict of name to float array (n, units).

        Returns:
            dict of name to float array (n,).
        """
        self._check_names(y, "MultiTask.correct")
        return {
            name: task.correct(y[name], outputs[name])
            for name, task in self.tasks.items()
        }

    def predict(self, outputs):
        """Gives the answers of all tasks.

        Args:
            outputs: dict of name to float tensor (batch, units).

        Returns:
            dict of task and answer ("kind_label") to tensor (batch, ...).
        """
        return {
            f"{name}_{key}": value
            for name, task in self.tasks.items()
            for key, value in task.predict(outputs[name]).items()
        }

    def check(self, y, where="MultiTask"):
        """Checks that there are labels for each task, and that they fit.

        Args:
            y: dict of name to array of labels.
            where: str, whose labels they are.

        Raises:
            ValueError: for a task without labels, or labels that don't fit.
        """
        self._check_names(y, where)
        for name, task in self.tasks.items():
            task.check(y[name], f"{where}, {name!r}")
        sizes = {name: len(y[name]) for name in self.tasks}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                message(where, "tasks must have as many labels", sizes)
            )

    def _check_names(self, y, where):
        if not isinstance(y, Mapping) or set(y) != set(self.tasks):
            found = list(y) if isinstance(y, Mapping) else type(y).__name__
            raise ValueError(
                message(
                    where,
                    "labels must be a dict with the names of the tasks",
                    {"tasks": list(self.tasks), "labels": found},
                )
            )

    def get_config(self):
        """Gives the task's arguments."""
        tasks = {
            name: keras.saving.serialize_keras_object(task)
            for name, task in self.tasks.items()
        }
        return {"tasks": tasks, "weights": dict(self.weights)}

    @classmethod
    def from_config(cls, config):
        """Makes the task from its arguments."""
        tasks = {
            name: keras.saving.deserialize_keras_object(task)
            for name, task in config["tasks"].items()
        }
        return cls(tasks, config.get("weights", {}))


def _picked(name, values):
    return lambda y, outputs: values(np.asarray(y[name]), outputs[name])


@keras.saving.register_keras_serializable("kerasgen.loss")
class SumOfLosses(keras.losses.Loss):
    """Adds up the losses of several outputs, example by example.

    Args:
        losses: mapping of output to keras.losses.Loss.
        weights: mapping of output to float, or None; 1 where none is given.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = SumOfLosses({"value": Regression().loss()}, {"value": 2.0})
        >>> y, outputs = {"value": ops.ones(2)}, {"value": ops.zeros((2, 1))}
        >>> float(loss(y, outputs))
        2.0
    """

    def __init__(
        self,
        losses,
        weights=None,
        reduction="sum_over_batch_size",
        name="sum_of_losses",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.losses = dict(losses)
        self.weights = dict(weights or {})

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: dict of output to labels.
            y_pred: dict of output to tensor (batch, units).

        Returns:
            float (batch,).
        """
        return sum(
            self.weights.get(name, 1.0)
            * ops.reshape(loss.call(y_true[name], y_pred[name]), (-1,))
            for name, loss in self.losses.items()
        )

    def get_config(self):
        """Gives the loss's arguments."""
        losses = {
            name: keras.saving.serialize_keras_object(loss)
            for name, loss in self.losses.items()
        }
        return {
            "name": self.name,
            "reduction": self.reduction,
            "losses": losses,
            "weights": dict(self.weights),
        }

    @classmethod
    def from_config(cls, config):
        """Makes the loss from its arguments."""
        losses = {
            name: keras.saving.deserialize_keras_object(loss)
            for name, loss in config["losses"].items()
        }
        return cls(**{**config, "losses": losses})
