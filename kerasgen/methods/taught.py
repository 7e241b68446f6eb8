"""What methods with a teacher share: the teacher, and a view into models."""

import pathlib

import keras
from keras import ops

from kerasgen.core import instance, message
from kerasgen.methods.base import Method
from kerasgen.methods.handed import Given, Handed
from kerasgen.methods.manifold_mixup import places
from kerasgen.methods.semi_supervised import joined
from kerasgen.methods.teacher import copied, follow
from kerasgen.methods.vat import needs_classes

TEACHER = Given("a trained keras.Model, the path of one, or None")
# What a teacher that is an average of the model keeps of itself in a step.
_MOMENTUM = 0.99


class Taught(Handed):
    """A method with a teacher that nothing trains.

    Without one the teacher is an average of the model's own past. What is
    asked of the teacher is asked on `unlabeled` examples too, where batches
    carry them.
    """

    def __init__(self, model, task, *, teacher, **kwargs):
        where = type(self).__name__
        if isinstance(teacher, (str, pathlib.Path)):
            teacher = keras.models.load_model(teacher)
        if isinstance(teacher, Method):
            teacher = teacher.model
        super().__init__(model, task, teacher=teacher, **kwargs)
        needs_classes(self)
        self.own = teacher is None
        if self.own:
            self.teacher = copied(model)
        else:
            self._check_teacher(where, teacher)

    def _check_teacher(self, where, teacher):
        instance(where, "teacher", teacher, keras.Model)
        if teacher is self.model:
            raise ValueError(
                message(
                    where,
                    "the teacher must be another model than the one trained",
                    {"teacher": teacher.name},
                    "Pass teacher=None for an average of its own past.",
                )
            )
        for name in ("input_shape", "output_shape"):
            one, two = (getattr(m, name, None) for m in (self.model, teacher))
            if one != two:
                raise ValueError(
                    message(
                        where,
                        f"teacher and model must have the same {name}",
                        {"teacher": two, "model": one},
                    )
                )

    def train_step(self, data):
        """Makes the moves of one batch; a teacher of its own follows."""
        logs = super().train_step(data)
        if self.own:
            steps = self.optimizer.iterations
            follow(self.teacher, self.model, _MOMENTUM, steps)
        return logs

    def taught(self, x):
        """Gives the teacher's logits, through which no gradient flows."""
        known = self.teacher(x, training=False)
        return ops.stop_gradient(ops.cast(known, "float32"))

    @staticmethod
    def examples(batch):
        """Gives all inputs of a batch, those with labels first."""
        if batch.get("unlabeled") is None:
            return batch["x"]
        return joined(batch["x"], batch["unlabeled"])

    @staticmethod
    def labeled(batch, outputs):
        """Gives the outputs for those examples that have labels."""
        return outputs[: ops.shape(keras.tree.flatten(batch["x"])[0])[0]]


def watching(where, model, names):
    """Makes a model that gives hidden values beside its outputs.

    Args:
        where: str, who asks.
        model: keras.Model, functional or sequential.
        names: list of str, layers whose outputs are wanted; None for what
            goes into the layer `head`.

    Returns:
        keras.Model whose outputs are a list: a tensor for each name, and the
        model's outputs last. It shares the model's weights.

    Raises:
        ValueError: for a layer that isn't there.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> [o.shape for o in watching("me", model, [None]).outputs]
        [(None, 16), (None, 2)]
    """
    known = [layer.name for layer in model.layers]
    tensors = []
    for name in names:
        if (name or "head") not in known:
            raise ValueError(
                message(
                    where,
                    "the model must have the layer",
                    {"layer": name or "head", "layers": known},
                    None if name else "Use kerasgen.core.adopt(model).",
                )
            )
        layer = model.get_layer(name or "head")
        tensors.append(layer.output if name else layer.input)
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, [*tensors, model.outputs[0]], name="watching")


def maps_of(where, model):
    """Finds the last feature map of each size.

    Args:
        where: str, who asks.
        model: keras.Model, functional or sequential.

    Returns:
        dict of (height, width) to the name of the layer that gives the map.

    Raises:
        ValueError: for a model without one.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.image_classifier((8, 8, 1), 2, size="tiny")
        >>> list(maps_of("me", model))
        [(8, 8), (4, 4)]
    """
    found = {}
    for place in places(model, 1000):
        if place not in (None, "head"):
            shape = model.get_layer(place).output.shape
            if len(shape) == 4 and None not in shape[1:3]:
                found[tuple(shape[1:3])] = place
    if not found:
        raise ValueError(
            message(
                where,
                "the model must have a feature map where all paths meet",
                {"outputs": model.output_shape},
                "For rows use Distillation or FeatureDistillation.",
            )
        )
    return found
