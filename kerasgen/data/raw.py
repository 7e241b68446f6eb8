"""Raw: what a source gives before it is checked and split."""

import dataclasses
import keyword
import numbers
import re
import unicodedata

import numpy as np

from kerasgen.core import message


@dataclasses.dataclass
class Raw:
    """Inputs and labels as a source has them.

    Args:
        name: str.
        x: array (n, ...), Rows, array (n,) or (n, frames) of file paths, list
            of lists of tokens, or dict of columns.
        y: array (n,) of numbers or str, masks (n, height, width), list of
            lists of tags, dict of several outputs, or None.
        group: array (n,), or None.
        test: Raw of the source's own test set, or None.
        labels: tuple of the class names, or None.
        size: tuple, the shape of an example that is in a file, or None.
        skipped: list of (where, why).
        task: str, what the source itself poses, or None.
        kind: str, as in Schema; None for a table or images, by what `x` is.
        files: bool, whether `x` holds paths.
        rate: int, samples in a second, or None.
        target: str, as in Schema; None for a class or number.
        weight: array (n,), or None.
        tests: dict of name to Raw, further test sets.
        domains: bool, whether groups are domains, which splits share.
        prepare: what `prepare` is where nobody says, as `adapt` takes it, or
            None for the kind's standard.

    Example:
        >>> Raw("a", np.zeros((2, 3)), np.arange(2)).count
        2
    """

    name: str
    x: object
    y: object
    group: np.ndarray = None
    test: object = None
    labels: tuple = None
    size: tuple = None
    skipped: list = dataclasses.field(default_factory=list)
    task: str = None
    kind: str = None
    files: bool = False
    rate: int = None
    target: str = None
    weight: np.ndarray = None
    tests: dict = dataclasses.field(default_factory=dict)
    domains: bool = False
    prepare: object = None

    @property
    def count(self):
        """int, the number of examples."""
        if isinstance(self.x, dict):
            return len(next(iter(self.x.values()), ()))
        return len(self.x)

    @property
    def parts(self):
        """dict of name to Raw: this one as "", and its test sets."""
        own = {} if self.test is None else {"test": self.test}
        return {"": self, **own, **self.tests}


def identifiers(names):
    """Turns column names into valid, different identifiers of ASCII letters.

    Args:
        names: list of str.

    Returns:
        list of str.

    Example:
        >>> identifiers(["mean radius", "mean-radius", "2nd", "class", "âge"])
        ['mean_radius', 'mean_radius_2', 'c_2nd', 'c_class', 'age']
    """
    found = []
    for name in names:
        # TensorFlow serves columns as a method's arguments and as graph nodes.
        plain = unicodedata.normalize("NFKD", str(name))
        plain = plain.encode("ascii", "ignore").decode()
        clean = re.sub(r"\W+", "_", plain).strip("_") or "column"
        taken = keyword.iskeyword(clean) or clean == "self"
        clean = f"c_{clean}" if clean[0].isdigit() or taken else clean
        unique, number = clean, 2
        while unique in found:
            unique, number = f"{clean}_{number}", number + 1
        found.append(unique)
    return found


def from_arrays(x, y, name="arrays", columns=None, dense=False):
    """Takes arrays, or a dict of columns.

    Args:
        x: array (n, features), (n, height, width) or (n, height, width,
            channels), or mapping of column name to array (n,).
        y: array (n,).
        name: str.
        columns: list of str, the names of the features, or None.
        dense: bool, whether `y` isn't one value for each example.

    Returns:
        Raw.

    Raises:
        ValueError: for lengths that differ, or a shape that is no table and
            no image.

    Example:
        >>> raw = from_arrays(np.zeros((4, 2)), [0, 1, 0, 1])
        >>> sorted(raw.x)
        ['feature_0', 'feature_1']
    """
    y = y if dense else flat(y)
    if hasattr(x, "keys"):
        names = identifiers(list(x.keys()))
        values = [_column(x[key]) for key in x.keys()]
        x = dict(zip(names, values, strict=True))
        lengths = {name: len(values) for name, values in x.items()}
    else:
        x = np.asarray(x)
        lengths = {"x": len(x) if x.ndim else 0}
        if x.ndim == 2:
            names = identifiers(
                columns or [f"feature_{i}" for i in range(x.shape[1])]
            )
            x = {name: _column(x[:, i]) for i, name in enumerate(names)}
        elif x.ndim == 3:
            x = x[..., None]
        elif x.ndim != 4 or x.shape[-1] not in (1, 3):
            raise ValueError(
                message(
                    "load",
                    "`x` must be a table (n, features) or images (n, height, "
                    "width) or (n, height, width, 1 or 3)",
                    {"x": x.shape},
                )
            )
    for key, length in lengths.items():
        check_lengths(length, y, key)
    return Raw(name, x, y)


def flat(y):
    """Makes labels an array with one value for each example.

    Args:
        y: array (n,) or (n, 1).

    Returns:
        array (n,).

    Raises:
        ValueError: for another shape.

    Example:
        >>> flat([[1], [2]]).tolist()
        [1, 2]
    """
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(
            message(
                "load",
                "`y` must have the shape (n,)",
                {"y": y.shape},
                "For one-hot labels pass y.argmax(-1).",
            )
        )
    return y


def check_lengths(count, y, name="x"):
    """Checks that there are as many labels as inputs.

    Args:
        count: int, the number of inputs.
        y: labels, or dict of several outputs, or None.
        name: str, the input.

    Raises:
        ValueError: where the numbers differ.

    Example:
        >>> check_lengths(2, [0, 1])
    """
    for key, values in (y if isinstance(y, dict) else {"y": y}).items():
        if values is not None and len(values) != count:
            raise ValueError(
                message(
                    "load",
                    "inputs and labels must have the same length",
                    {name: count, key: len(values)},
                )
            )


def absent(value):
    """Tells whether a cell or label is missing: None, NaN, NaT or NA.

    Args:
        value: any object.

    Returns:
        bool.

    Example:
        >>> absent(None), absent(float("nan")), absent("")
        (True, True, False)
    """
    # pandas' NA has no truth value: only its name can be asked for.
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, numbers.Real) and bool(value != value))
    )


def text(value):
    """Writes a category or label; bytes are UTF-8.

    Args:
        value: any object.

    Returns:
        str.

    Example:
        >>> text(b"cat"), text(3)
        ('cat', '3')
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _column(values):
    values = np.asarray(values)
    if values.dtype.kind == "c" or values.ndim != 1:
        raise ValueError(
            message(
                "load",
                "a column must hold one real number or text for each row",
                {"dtype": str(values.dtype), "shape": values.shape},
            )
        )
    if values.dtype.kind in "biuf":
        with np.errstate(over="ignore"):
            return values.astype("float32")
    cells = [None if absent(value) else value for value in values]
    if all(v is None or isinstance(v, numbers.Real) for v in cells):
        cells = [np.nan if v is None else float(v) for v in cells]
        return np.array(cells, "float32")
    texts = ["" if value is None else text(value) for value in cells]
    return np.array(texts, dtype=object)
