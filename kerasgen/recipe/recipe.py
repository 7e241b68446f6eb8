"""Recipe: one experiment written down, as a frozen dataclass and as JSON."""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Mapping

from kerasgen.core import (
    Choice,
    Float,
    Int,
    atomic_write,
    find,
    message,
    nearest,
    one_of,
    table,
)

# What `standard()` callbacks take, so that a recipe can say it.
_TRAINING = {
    "patience": Int(1),
    "average": Float(0.0, 0.9999999),
    "warm_up": Float(0.0, 1.0),
    "by_length": Choice((False, True)),
}
BATCH_SIZES = Choice(
    tuple(2**power for power in range(17)), search=(16, 32, 64, 128)
)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Data, model, method and probes, with the numbers it expects.

    A part is written as its name, or as a mapping of `name` and arguments:
    `{"name": "erm", "step": {"name": "sam", "rho": 0.1}}`.

    Args:
        name: str, what the experiment is called.
        data: mapping of the arguments of `kerasgen.data.load`, a source
            alone as str, or a ready `Data`.
        model: the factory and its knobs; None takes the one that fits the
            data and the task.
        task: mapping of arguments that replace those of the data's task.
        method: the method, its arguments and its `step`.
        optimizer: the optimizer and its arguments.
        augment: tuple of augmentations, in order.
        batch_size: int >= 1, the examples of a training batch.
        epochs: int >= 1, the most epochs to train.
        training: mapping of `patience`, `average` and `warm_up`, as
            `kerasgen.callbacks.standard` takes them, and of `by_length`, as
            `Data.batches` does.
        probes: tuple of probes; None asks all that fit.
        folds: int, 0 or at least 2: cross-validate over so many folds, too.
        twin: int >= 0; so many seeds train the method and, beside it, the
            same without the target (`erm`). The report tells what the target
            gave, and where it hurts by what can be seen without its labels,
            the model of the source alone is the result.
        seed: int >= 0, the one seed of everything random.
        expect: mapping of a reported number ("clean/accuracy") to the pair
            of the value and the tolerance that it is expected within.

    Raises:
        ValueError: for an unknown name or an argument out of range.
        TypeError: for a value of the wrong type.

    Example:
        >>> recipe = Recipe(name="try", data="digits", method={"name": "erm"})
        >>> Recipe.from_dict(recipe.to_dict()) == recipe
        True
    """

    name: str = "run"
    data: object = "digits"
    model: object = None
    task: Mapping = dataclasses.field(default_factory=dict)
    method: object = "erm"
    optimizer: object = "adamw"
    augment: tuple = ()
    batch_size: int = 32
    epochs: int = 30
    training: Mapping = dataclasses.field(default_factory=dict)
    probes: tuple = None
    folds: int = 0
    twin: int = 0
    seed: int = 0
    expect: Mapping = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        put = object.__setattr__
        if isinstance(self.data, (str, pathlib.Path)):
            put(self, "data", {"source": str(self.data)})
        for field, kind in (("method", "method"), ("optimizer", "optimizer")):
            put(self, field, _spec(kind, getattr(self, field)))
        step = _spec("step", self.method.get("step", "descent"))
        put(self, "method", {**self.method, "step": step})
        if self.model is not None:
            put(self, "model", _spec("model", self.model))
        if self.task.get("criterion") is not None:
            criterion = _criterion(self.task["criterion"])
            put(self, "task", {**self.task, "criterion": criterion})
        put(self, "augment", _specs("augment", self.augment))
        if self.probes is not None:
            put(self, "probes", _specs("probe", self.probes))
        for name in ("batch_size", "epochs"):
            put(self, name, Int(1).check("Recipe", name, getattr(self, name)))
        for name in ("seed", "twin"):
            put(self, name, Int(0).check("Recipe", name, getattr(self, name)))
        if self.twin and self.method["name"] == "erm":
            raise ValueError(
                message(
                    "Recipe",
                    "`twin` compares a method with erm, and must be 0 for it",
                    {"twin": self.twin},
                )
            )
        if self.folds == 1 or Int(0).check("Recipe", "folds", self.folds) < 0:
            raise ValueError(
                message(
                    "Recipe", "`folds` must be 0 or at least 2", {"folds": 1}
                )
            )
        for name, value in self.training.items():
            one_of("Recipe", "training", name, _TRAINING)
            if value is not None:
                _TRAINING[name].check("Recipe", name, value)
        expect = {k: tuple(map(float, v)) for k, v in self.expect.items()}
        put(self, "expect", expect)

    def to_dict(self):
        """Writes the recipe as JSON values.

        Returns:
            dict; data held in memory are written by their fingerprint.
        """
        values = {
            f.name: getattr(self, f.name) for f in dataclasses.fields(self)
        }
        if not isinstance(self.data, Mapping):
            values["data"] = {
                "source": "memory",
                "name": self.data.name,
                "fingerprint": self.data.fingerprint(),
            }
        return json.loads(json.dumps(values))

    @classmethod
    def from_dict(cls, values):
        """Makes a recipe from what `to_dict` wrote.

        Args:
            values: mapping of field to value.

        Returns:
            Recipe.

        Raises:
            ValueError: for an unknown field, with the nearest known one.
        """
        fields = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            one_of("Recipe", "field", name, fields)
        return cls(**values)

    def save(self, path):
        """Writes the recipe to a JSON file.

        Args:
            path: path of the file.
        """
        with atomic_write(path) as file:
            json.dump(self.to_dict(), file, indent=2)

    @classmethod
    def load(cls, path):
        """Reads a recipe from a JSON file.

        Args:
            path: path of the file.

        Returns:
            Recipe.
        """
        return cls.from_dict(json.loads(pathlib.Path(path).read_text("utf-8")))

    def fingerprint(self):
        """Hashes the recipe.

        Returns:
            str of 16 hexadecimal digits.
        """
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def space(self):
        """Lists what a search may vary, by dotted name.

        Returns:
            dict of name to range: the declared `search` ranges of the model,
            the task's criterion, the method, its step, the optimizer and the
            augmentations, and the batch size.
        """
        parts = {
            "method": ("method", self.method),
            "optimizer": ("optimizer", self.optimizer),
        }
        if self.model is not None:
            parts["model"] = ("model", self.model)
        criterion = self.task.get("criterion")
        if isinstance(criterion, Mapping):
            parts["task.criterion"] = ("loss", criterion)
        parts["method.step"] = ("step", self.method["step"])
        for spec in self.augment:
            parts[f"augment.{spec['name']}"] = ("augment", spec)
        found = {}
        for place, (kind, spec) in parts.items():
            for name, bounds in table(find(kind, spec["name"])).items():
                if bounds.search is not None:
                    found[f"{place}.{name}"] = bounds
        found["batch_size"] = BATCH_SIZES
        return dict(sorted(found.items()))

    def get(self, path):
        """Reads a value by its dotted name.

        Args:
            path: str, such as "optimizer.learning_rate".

        Returns:
            The value, or None where the recipe leaves it to the part.
        """
        head, *rest = path.split(".")
        value = getattr(self, head)
        if head == "augment" and rest:
            value = {spec["name"]: spec for spec in value}
        for key in rest:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def replace(self, values):
        """Makes a copy with values changed by their dotted names.

        Args:
            values: mapping of dotted name ("method.step.rho", "epochs",
                "augment.translate.rate") to value.

        Returns:
            Recipe.

        Raises:
            ValueError: for a name that leads nowhere, with the nearest one.

        Example:
            >>> Recipe().replace({"method.step": "sam", "epochs": 3}).epochs
            3
        """
        fields = {
            f.name: getattr(self, f.name) for f in dataclasses.fields(self)
        }
        for path, value in values.items():
            head, *rest = path.split(".")
            one_of("Recipe", "name", head, fields)
            if head == "augment" and rest:
                fields[head] = _replace_augment(fields[head], rest, value, path)
            else:
                fields[head] = _put(fields[head], rest, value)
        return type(self)(**fields)


def _put(node, keys, value):
    if not keys:
        return value
    if isinstance(node, str):
        node = {"name": node}
    node = dict(node or {})
    node[keys[0]] = _put(node.get(keys[0]), keys[1:], value)
    return node


def _replace_augment(specs, keys, value, path):
    names = [spec["name"] for spec in specs]
    if keys[0] not in names:
        near = nearest(keys[0], names)
        raise ValueError(
            message(
                "Recipe",
                f"the augmentations are {', '.join(names) or 'none'}",
                {"name": path},
                f"Did you mean {near!r}?" if near else None,
            )
        )
    return tuple(
        _put(spec, keys[1:], value) if spec["name"] == keys[0] else spec
        for spec in specs
    )


def _spec(kind, spec):
    if callable(spec) and not isinstance(spec, (str, Mapping)):
        spec = getattr(spec, "__name__", str(spec))
    if isinstance(spec, str):
        spec = {"name": spec}
    if not isinstance(spec, Mapping) or "name" not in spec:
        raise TypeError(
            message(
                "Recipe",
                f"the {kind} must be a name, or a mapping with a `name`",
                {kind: spec},
            )
        )
    bounds = table(find(kind, spec["name"]))
    for name, value in spec.items():
        if name in ("name", "step"):
            continue
        one_of(f"{kind} {spec['name']!r}", "argument", name, bounds)
        if value is not None:
            bounds[name].check(f"{kind} {spec['name']!r}", name, value)
    return dict(spec)


def _criterion(spec):
    """A loss, or a list of losses that are added up, each with a weight."""
    if isinstance(spec, (str, Mapping)) or not isinstance(spec, (list, tuple)):
        return _spec("loss", spec)
    found = []
    for each in spec:
        each = {"name": each} if isinstance(each, str) else dict(each)
        given = {"weight": each.pop("weight")} if "weight" in each else {}
        found.append({**_spec("loss", each), **given})
    return found


def _specs(kind, specs):
    if isinstance(specs, (str, Mapping)):
        specs = (specs,)
    return tuple(_spec(kind, spec) for spec in specs)
