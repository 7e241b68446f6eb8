"""What may be known of a trained model where the target has no labels."""

import dataclasses

import numpy as np

from kerasgen.core import message, split

# Features are taken of at most so many examples of each domain.
_MOST = 10_000


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """A model's answers for the target, and its answers where labels are.

    Args:
        logits: float array (n, units), for the target's examples.
        outputs: float array (k, units), for the source's select split.
        labels: array (k,), the labels of the select split.
        losses: float array (k,), what each of its answers is short of right.
        features: mapping of `train`, `select` and `unlabeled` to the float
            array (n, d) of what the model's head sees, or None.

    Example:
        >>> zeros = np.zeros((2, 3))
        >>> Evidence(zeros, zeros, np.zeros(2), np.ones(2)).accuracy
        0.0
    """

    logits: np.ndarray
    outputs: np.ndarray
    labels: np.ndarray
    losses: np.ndarray
    features: dict = None

    @property
    def accuracy(self):
        """float, the share of the select split that is answered right."""
        return 1.0 - float(np.mean(self.losses))

    def save(self, path):
        """Writes the arrays to a file, in half precision.

        Args:
            path: path that ends in ".npz".
        """
        half = {
            "logits": self.logits,
            "outputs": self.outputs,
            **{f"at_{k}": v for k, v in (self.features or {}).items()},
        }
        half = {
            name: np.clip(values, -6e4, 6e4).astype("float16")
            for name, values in half.items()
        }
        np.savez_compressed(
            path, labels=self.labels, losses=self.losses, **half
        )

    @classmethod
    def load(cls, path):
        """Reads what `save` wrote.

        Args:
            path: path of the file.

        Returns:
            Evidence.
        """
        with np.load(path) as file:
            found = {name: file[name] for name in file.files}
        at = {k[3:]: found.pop(k) for k in list(found) if k[:3] == "at_"}
        return cls(features=at or None, **found)


def gather(model, data, task=None, features=True):
    """Asks a trained model all that a rule without target labels may know.

    Args:
        model: keras.Model, logits out; with a layer `head` for features.
        data: Data with the splits `train`, `select` and `unlabeled`.
        task: Task, or None for that of the data.
        features: bool, whether to take features too.

    Returns:
        Evidence.

    Raises:
        ValueError: for data without a target.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (kg.data.synthetic.images(60, seed=s) for s in (0, 1))
        >>> data = kg.data.Data.domains(source=one, target=two)
        >>> model = kg.image_classifier(data.shape, data.classes, size="tiny")
        >>> gather(model, data).logits.shape
        (36, 3)
    """
    task = data.task if task is None else task
    need_target(data)
    x, y = data.tensors("select")
    outputs = model.predict(x, 256, verbose=0)
    target, _ = data.tensors("unlabeled")
    found = None
    if features:
        body, _ = split(model)
        found = {
            name: _flat(body, data.tensors(name, limit)[0])
            for name, limit in (
                ("train", _MOST),
                ("select", None),
                ("unlabeled", _MOST),
            )
        }
    return Evidence(
        logits=model.predict(target, 256, verbose=0),
        outputs=outputs,
        labels=y,
        losses=1.0 - np.asarray(task.correct(y, outputs), "float64"),
        features=found,
    )


def need_target(data, where="judge"):
    """Checks that data have a target without labels.

    Args:
        data: Data.
        where: str, who asks.

    Raises:
        ValueError: where they have none.

    Example:
        >>> import kerasgen as kg
        >>> need_target(kg.data.load("wine"))
        Traceback (most recent call last):
        ...
        ValueError: judge: the data must have a split `unlabeled` of the ...
    """
    if "unlabeled" not in data.splits:
        raise ValueError(
            message(
                where,
                "the data must have a split `unlabeled` of the target",
                {"splits": list(data.splits)},
                "Make them by kerasgen.data.Data.domains(source=, target=).",
            )
        )


def target_tests(data):
    """Lists the test sets with labels of what `unlabeled` was drawn from.

    Args:
        data: Data with a split `unlabeled`.

    Returns:
        list of str, names of splits.

    Example:
        >>> import kerasgen as kg
        >>> one, two = (kg.data.load(kg.data.synthetic.images(60, seed=s))
        ...             for s in (0, 1))
        >>> target_tests(kg.data.Data.domains(source=one, target=two))
        ['target']
    """
    targets = set(map(str, data.splits["unlabeled"].group))
    return [
        name
        for name, part in data.splits.items()
        if part.y is not None
        and part.group is not None
        and set(map(str, part.group)) <= targets
    ]


def _flat(body, x):
    found = body.predict(x, 256, verbose=0)
    return found.reshape(len(found), -1)
