"""From a recipe to data, a model and a method that is ready to train."""

import dataclasses
import inspect
from collections.abc import Mapping

import numpy as np

from kerasgen.callbacks import Progress, standard
from kerasgen.core import (
    child_seed,
    create,
    find,
    heads,
    message,
    one_of,
    set_seed,
    snake,
    split,
    takes,
    widths,
)
from kerasgen.data import load
from kerasgen.evaluate.selection import RULES
from kerasgen.recipe.facts import Facts

# The factory that fits a kind of data and what is asked of them.
_DEFAULTS = {
    ("audio", "class"): "audio_classifier",
    ("image", "class"): "image_classifier",
    ("image", "mask"): "segmenter",
    ("table", "class"): "tabular_classifier",
    ("table", "number"): "tabular_regressor",
    ("table", "item"): {"name": "recommender", "form": "ranking"},
    ("text", "class"): "text_classifier",
    ("tokens", "class"): "text_classifier",
    ("tokens", "tags"): "tagger",
    ("video", "class"): "video_classifier",
}
# The factory that fits a task, whatever the data.
_BY_TASK = {
    "anomaly": "anomaly_detector",
    "clustering": "clusterer",
    "multi_task": "multi_task",
    "rating": "recommender",
    "topics": "topic_model",
    "transcription": "speech_recognizer",
    "translation": "seq2seq",
}


def load_data(recipe):
    """Loads the data of a recipe.

    Args:
        recipe: Recipe.

    Returns:
        Data; its task carries the recipe's changes.

    Raises:
        ValueError: for data that can't be loaded.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> load_data(Recipe(data="wine")).classes
        3
    """
    data = recipe.data
    if isinstance(data, Mapping):
        if data.get("source") == "memory":
            raise ValueError(
                message(
                    "Recipe",
                    "its data were held in memory and are not in the file",
                    {"data": data.get("name")},
                    "Pass them again: dataclasses.replace(recipe, data=DATA).",
                )
            )
        data = load(**{"seed": recipe.seed, **data})
    if recipe.task:
        data = dataclasses.replace(
            data, task=dataclasses.replace(data.task, **recipe.task)
        )
    return data


def complete(recipe, data):
    """Fills in the parts that a recipe leaves to the data.

    Args:
        recipe: Recipe.
        data: Data.

    Returns:
        Recipe with a model.

    Raises:
        ValueError: where no factory fits the data, or an augmentation doesn't.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine")
        >>> complete(recipe, load_data(recipe)).model
        {'name': 'tabular_classifier'}
    """
    kind = data.schema.kind
    for spec in recipe.augment:
        fits = find("augment", spec["name"]).kind
        if fits not in (None, {"tokens": "text"}.get(kind, kind)):
            raise ValueError(
                message(
                    "Recipe",
                    f"augmentation {spec['name']!r} is for {fits} data",
                    {"data": kind},
                )
            )
    if recipe.model is not None:
        return recipe
    key = (kind, data.schema.target)
    fits = _BY_TASK.get(snake(type(data.task).__name__)) or _DEFAULTS.get(key)
    if fits is None:
        raise ValueError(
            message(
                "Recipe",
                "no factory fits by itself",
                {"data": kind, "target": data.schema.target},
                "Name one in `model`.",
            )
        )
    return dataclasses.replace(recipe, model=fits)


def shrink(data, examples=64):
    """Cuts every split to a few examples, to try a whole run in seconds.

    Args:
        data: Data.
        examples: int, how many examples stay in each split.

    Returns:
        Data.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> small = shrink(load_data(Recipe(data="digits")), 16)
        >>> len(small.splits["train"].y)
        16
    """
    splits = {
        name: split.take(np.arange(min(examples, len(split))))
        for name, split in data.splits.items()
    }
    return dataclasses.replace(data, splits=splits)


def build(recipe, data):
    """Makes the method of a recipe, compiled and ready to train.

    Args:
        recipe: Recipe.
        data: Data.

    Returns:
        Method.

    Raises:
        ValueError: where model, task, labels and data don't fit each other.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine", optimizer={"name": "sgd"})
        >>> build(recipe, load_data(recipe)).optimizer.momentum
        0.9
    """
    recipe = complete(recipe, data)
    set_seed(child_seed(recipe.seed, "weights"))
    asked = _asked(recipe.model["name"], data)
    model = create("model", recipe.model, **asked)
    task = data.task.fitted(data.splits["train"].y)
    if "classes" not in asked and widths(model) not in (None, task.units):
        # The criterion asks for more than one number an example.
        model = heads(model, task.units)
    method = create("method", recipe.method, model, task)
    method.compile(create("optimizer", recipe.optimizer))
    return method


def _asked(name, data):
    """What a factory should know of the data.

    Its arguments without a default must be facts of the data; those with one
    that are facts are told where the data have them.
    """
    facts = Facts(data)
    known = inspect.signature(find("model", name)).parameters.values()
    found = {}
    for each in known:
        if each.default is inspect.Parameter.empty:
            one_of(f"model {name!r}", "argument", each.name, facts.names)
            found[each.name] = facts.needed(each.name, f"model {name!r}")
        elif each.name in facts.names:
            value = facts.get(each.name)
            if value is not None:
                found[each.name] = value
    return found


def preflight(method, data, objective=None):
    """Checks that everything fits, before a single step is trained.

    Args:
        method: Method, compiled.
        data: Data.
        objective: str, the number that ranks trials, or None.

    Raises:
        ValueError: for labels that don't fit the task, inputs that don't fit
            the model, or an objective that no metric has.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine")
        >>> data = load_data(recipe)
        >>> preflight(build(recipe, data), data, objective="accuracy")
    """
    for name, part in data.splits.items():
        if part.y is not None:
            data.task.check(part.y, f"Split {name!r}")
    if not takes(method.model, data.shape):
        expected = tuple(method.model.input_shape[1:])
        raise ValueError(
            message(
                "Recipe",
                f"the model takes examples of shape {expected}",
                {"data": tuple(data.shape)},
            )
        )
    if objective is not None:
        one_of("tune", "objective", objective, objectives(data.task, data))


def objectives(task, data=None):
    """Lists the numbers that can rank trials.

    Args:
        task: Task.
        data: Data; with a split `unlabeled` of a target, the rules that judge
            without its labels are among them. None counts as without.

    Returns:
        dict of name to "higher" or "lower".

    Example:
        >>> import kerasgen as kg
        >>> objectives(kg.Classification(2))
        {'loss': 'lower', 'accuracy': 'higher'}
    """
    better = {measure.name: measure.better for measure in task.measures()}
    shown = task.metrics()
    if isinstance(shown, Mapping):
        names = [f"{k}_{m.name}" for k, each in shown.items() for m in each]
    else:
        names = [metric.name for metric in shown]
    found = {
        "loss": "lower",
        **{name: better.get(name, "higher") for name in names},
    }
    if data is not None and "unlabeled" in data.splits:
        found.update(RULES)
    return found


def train(
    recipe,
    data,
    method,
    *,
    folder=None,
    every=1,
    callbacks=(),
    verbose=0,
    name="epoch",
):
    """Trains a method as its recipe says.

    Args:
        recipe: Recipe.
        data: Data.
        method: Method, from `build`.
        folder: path for checkpoints, or None for none; a training that was
            killed goes on from there.
        every: int >= 1, the epochs between checkpoints.
        callbacks: further Keras callbacks, which run first.
        verbose: int, 0 (silent), 1 (a bar) or 2 (one line an epoch).
        name: str, what stands before an epoch's number in its line.

    Returns:
        list of dict, the logged numbers of each epoch.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine", epochs=1)
        >>> data = load_data(recipe)
        >>> sorted(train(recipe, data, build(recipe, data))[0])
        ['accuracy', 'loss', 'val_accuracy', 'val_loss']
    """
    set_seed(child_seed(recipe.seed, "training"))
    augment = [create("augment", spec) for spec in recipe.augment]
    plan = dict(recipe.training)
    by_length = bool(plan.pop("by_length", False))
    chosen = [*callbacks, *standard(folder, every=every, **plan)]
    if verbose == 2:
        chosen.insert(0, Progress(name))
    batch = min(recipe.batch_size, len(data.splits["train"]))
    history = method.fit(
        data.batches(
            "train",
            batch,
            needs=method.needs,
            augment=augment,
            by_length=by_length,
        ),
        validation_data=data.batches("stop", 256),
        epochs=recipe.epochs,
        callbacks=chosen,
        verbose=int(verbose == 1),
    ).history
    settle(method.model, data)
    if folder is not None:
        return chosen[-1].history
    epochs = range(len(history.get("loss", ())))
    return [
        {name: values[i] for name, values in history.items()} for i in epochs
    ]


def settle(model, data):
    """Lets a head learn what can only be told behind the training.

    The threshold of an anomaly detector is a quantile of the trained model's
    scores of train, for example: its head has a method `adapt`.

    Args:
        model: keras.Model, trained.
        data: Data.

    Example:
        >>> import kerasgen as kg
        >>> x, y = np.random.default_rng(0).random((40, 3)), np.arange(40) % 2
        >>> data = kg.data.load((x, y), task="anomaly")
        >>> model = kg.anomaly_detector(data.shape, size="tiny")
        >>> settle(model, data)
        >>> float(model.get_layer("head").threshold) > 0
        True
    """
    names = [layer.name for layer in model.layers]
    if "head" not in names or not hasattr(model.get_layer("head"), "adapt"):
        return
    features, head = split(model)
    batches = data.batches("train", 256, shuffle=False)
    seen = [features.predict_on_batch(x) for x, *_ in batches]
    head.adapt(np.concatenate(seen))
