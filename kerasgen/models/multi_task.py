"""One body, and a head for each of several tasks."""

from collections.abc import Mapping

import keras
from keras import layers

from kerasgen.core import (
    Choice,
    Float,
    Int,
    check_arguments,
    create,
    message,
    register,
    split,
)
from kerasgen.models.base import SIZES

_BODIES = {
    "columns": "tabular_classifier",
    "sounds": "audio_classifier",
    "images": "image_classifier",
    "videos": "video_classifier",
}
_BY_RANK = {1: "columns", 2: "sounds", 3: "images", 4: "videos"}
_KNOBS = {
    "size": Choice(SIZES, search=("tiny", "small")),
    "body": Choice(("auto", *_BODIES)),
    "dropout": Float(0.0, 0.9, search=(0.0, 0.5)),
    "width": Int(0, search=(0, 64)),
    "stages": Choice((False, True), search=(False, True)),
    "sample_rate": Int(1),
}


@register("model", arguments=_KNOBS)
def multi_task(
    shape,
    tasks,
    *,
    size="small",
    body="auto",
    dropout=0.1,
    width=0,
    stages=False,
    sample_rate=16000,
):
    """Makes a network with one body and a head for each task.

    Args:
        shape: tuple, one prepared example's: (features,), (frames, bands),
            (height, width, channels) or (frames, height, width, channels);
            (samples,) where the body is "sounds".
        tasks: mapping of name to Task, as `MultiTask.tasks`, or to the number
            of outputs.
        size: "tiny", "small" or "base", the body's.
        body: "columns", "sounds", "images" or "videos", the factory whose
            body is taken; "auto" tells it from the shape's length.
        dropout: float in [0, 0.9], of the body, and before the heads.
        width: int >= 0, the units of a layer that each task has for itself
            between body and head; 0 for none.
        stages: bool, whether each head also sees the outputs of those before
            it, such as what a thing is, before which one it is.
        sample_rate: int, samples a second of a waveform; a recipe takes the
            data's.

    Returns:
        keras.Model from float (batch, *shape) to a dict of task to float32
        logits (batch, units), with a model `head` from the shared features.

    Raises:
        ValueError: for no task, a shape that no body takes, or a knob that
            can't be.
        TypeError: for tasks of another form.

    Source:
        Caruana, "Multitask Learning", 1997, doi:10.1023/A:1007379606734.

    Example:
        >>> model = multi_task((6,), {"kind": 3, "size": 1}, size="tiny")
        >>> {name: out.shape[-1] for name, out in model.output.items()}
        {'kind': 3, 'size': 1}
    """
    values = {"size": size, "body": body, "dropout": dropout, "width": width}
    values = {**values, "stages": stages, "sample_rate": sample_rate}
    check_arguments("multi_task", _KNOBS, values)
    units = _units(tasks)
    if body == "auto":
        if len(shape) not in _BY_RANK:
            raise ValueError(
                message(
                    "multi_task",
                    "`shape` must have 1 to 4 numbers",
                    {"shape": tuple(shape)},
                )
            )
        body = _BY_RANK[len(shape)]
    given = {"size": size, "dropout": dropout}
    if body == "sounds":
        given["sample_rate"] = sample_rate
    whole = create("model", _BODIES[body], shape, 2, **given)
    features, _ = split(whole)
    seen = keras.Input(features.output_shape[1:], name="features")
    outputs, before = {}, []
    for name, count in units.items():
        x = seen
        if before:
            x = layers.Concatenate(name=f"{name}_sees")([seen, *before])
        if width:
            x = layers.Dense(width, "relu", name=f"{name}_own")(x)
        outputs[name] = layers.Dense(count, name=name, dtype="float32")(x)
        before = [*before, outputs[name]] if stages else []
    head = keras.Model(seen, outputs, name="head")
    outputs = head(features.output)
    return keras.Model(features.input, outputs, name="multi_task")


def _units(tasks):
    if not isinstance(tasks, Mapping):
        raise TypeError(
            message("multi_task", "`tasks` must be a mapping", {"tasks": tasks})
        )
    units = {name: getattr(task, "units", task) for name, task in tasks.items()}
    fine = all(isinstance(n, int) and n > 0 for n in units.values())
    if not units or not fine:
        raise ValueError(
            message(
                "multi_task",
                "each task must have a number of outputs",
                {"tasks": units},
            )
        )
    return units
