"""Small data that keep the contract of Data, and models trained on them."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from kerasgen.core import child_seed
from kerasgen.evaluate import evaluate
from kerasgen.tasks import Classification, Regression


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    kind: str = "number"
    vocabulary: tuple = ()


@dataclasses.dataclass(frozen=True)
class Schema:
    kind: str
    shape: tuple
    low: float = 0.0
    high: float = 255.0
    columns: tuple = ()


@dataclasses.dataclass(frozen=True)
class Examples:
    x: object
    y: np.ndarray
    ids: np.ndarray
    group: np.ndarray = None
    weight: np.ndarray = None


@dataclasses.dataclass(frozen=True)
class StandIn:
    name: str
    task: object
    schema: Schema
    splits: dict
    seed: int = 0

    @property
    def shape(self):
        if self.schema.kind == "image":
            return self.schema.shape
        return (len(self.schema.columns),)

    @property
    def classes(self):
        return getattr(self.task, "classes", None)

    def raw(self, split, limit=None):
        x = self.splits[split].x
        if isinstance(x, dict):
            return {name: column[:limit] for name, column in x.items()}
        return x[:limit]

    def prepare(self, x):
        if self.schema.kind == "image":
            return tf.cast(x, tf.float32) / 128.0 - 1.0
        columns = []
        train = self.splits["train"].x
        for column in self.schema.columns:
            if column.kind == "category":
                known = tf.cast(x[column.name] == "yes", tf.float32)
                columns.append(known)
                continue
            mean = np.nanmean(train[column.name])
            std = np.nanstd(train[column.name]) or 1.0
            values = tf.where(
                tf.math.is_nan(x[column.name]), mean, x[column.name]
            )
            columns.append((values - mean) / std)
        return tf.stack(columns, 1)

    def batches(self, split, batch_size=32, *, corrupt=None, **_):
        found = self.splits[split]
        flow = tf.data.Dataset.from_tensor_slices((found.x, found.y))
        flow = flow.batch(batch_size).enumerate()

        def ready(index, pair):
            x, y = pair
            if corrupt is not None:
                salt = child_seed(self.seed, "corrupt")
                seed = tf.stack([salt, tf.cast(index, tf.int32)])
                x = corrupt({"x": x, "y": y}, seed)["x"]
            return self.prepare(x), y

        return flow.map(ready)

    def tensors(self, split, limit=None):
        x = self.raw(split, limit)
        return np.asarray(self.prepare(x)), self.splits[split].y[:limit]

    def summary(self, strict=True):
        return {"counts": {k: len(v.y) for k, v in self.splits.items()}}


def cut(x, y, group=None, test=360):
    order = np.random.default_rng(0).permutation(len(y))
    parts = {"test": order[:test], "train": order[test:]}

    def take(values, rows):
        if isinstance(values, dict):
            return {name: column[rows] for name, column in values.items()}
        return values[rows]

    return {
        name: Examples(
            take(x, rows), y[rows], rows, None if group is None else group[rows]
        )
        for name, rows in parts.items()
    }


def make_digits():
    found = load_digits()
    x = (found.images[..., None] * 15.9375).astype("uint8")
    y = found.target.astype("int64")
    schema = Schema("image", (8, 8, 1))
    return StandIn("digits", Classification(10), schema, cut(x, y))


def make_cancer(categories=False):
    found = load_breast_cancer()
    names = [name.replace(" ", "_") for name in found.feature_names]
    x = {n: found.data[:, i].astype("float32") for i, n in enumerate(names)}
    columns = [Column(name) for name in names]
    if categories:
        x = {"big": np.where(found.data[:, 0] > 14, "yes", "no")}
        columns = [Column("big", "category", ("no", "yes"))]
    y = found.target.astype("int64")
    task = Classification(2, labels=("malignant", "benign"))
    schema = Schema("table", (len(columns),), columns=tuple(columns))
    return StandIn("cancer", task, schema, cut(x, y, test=114))


def make_diabetes(groups=True):
    found = load_diabetes()
    names = found.feature_names
    x = {n: found.data[:, i].astype("float32") for i, n in enumerate(names)}
    y = found.target.astype("float32")
    group = np.where(found.data[:, 1] > 0, "male", "female")
    columns = tuple(Column(name) for name in names)
    splits = cut(x, y, group if groups else None, test=90)
    train = splits["train"].y
    task = Regression(float(train.mean()), float(train.std()), "points")
    return StandIn(
        "diabetes", task, Schema("table", (10,), columns=columns), splits
    )


def network(data):
    inputs = keras.Input(data.shape)
    x = inputs
    if data.schema.kind == "image":
        x = keras.layers.Conv2D(16, 3, activation="relu")(x)
        x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    outputs = keras.layers.Dense(data.task.units, name="head")(x)
    return keras.Model(inputs, outputs)


def trained(data, epochs=8, seed=0):
    keras.utils.set_random_seed(seed)
    model = network(data)
    model.compile("adam", data.task.loss(), metrics=data.task.metrics())
    x, y = data.tensors("train")
    model.fit(x, y, 64, epochs, verbose=0)
    return model


@pytest.fixture(scope="session")
def digits():
    data = make_digits()
    return data, trained(data)


@pytest.fixture(scope="session")
def cancer():
    data = make_cancer()
    return data, trained(data, 12)


@pytest.fixture(scope="session")
def diabetes():
    data = make_diabetes()
    return data, trained(data, 40)


@pytest.fixture(scope="session")
def categories():
    data = make_cancer(categories=True)
    return data, trained(data, 5)


@pytest.fixture
def ungrouped():
    return make_diabetes(groups=False)


def story(data):
    """What a finished search would hand on."""
    head = data.task.headline.name
    epochs = [0.8**step for step in range(12)]
    return {
        "recipe": {
            "name": f"{data.name}-best",
            "model": {"name": "image_classifier", "size": "small"},
            "method": {"name": "erm"},
            "optimizer": {"name": "adam", "learning_rate": 0.001},
            "epochs": 12,
        },
        "selection": {
            "rule": f"highest {head} on the select split",
            "objective": head,
            "value": 0.99,
            "n": 180,
            "trials": 3,
            "trial": 1,
        },
        "history": [
            {
                "loss": 2 * share,
                "accuracy": 1 - 0.9 * share,
                "val_loss": 2.1 * share,
                "val_accuracy": 1 - 0.95 * share,
            }
            for share in epochs
        ],
        "trials": [
            {
                "rank": rank,
                "trial": trial,
                "status": "done",
                f"select/{head}": 0.99 - 0.01 * rank,
                "model.size": "small",
                "step.rho": 0.05 * rank,
                "error": None,
            }
            for rank, trial in ((1, 1), (2, 0), (3, 2))
        ],
        "seconds": 12.5,
    }


@pytest.fixture(scope="session")
def digits_report(digits):
    data, model = digits
    return evaluate(model, data, context=story(data))


@pytest.fixture(scope="session")
def cancer_report(cancer):
    data, model = cancer
    return evaluate(model, data)


@pytest.fixture(scope="session")
def diabetes_report(diabetes):
    data, model = diabetes
    return evaluate(model, data)
