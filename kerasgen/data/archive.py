"""`.npz` files and TensorFlow Datasets."""

import os
import pathlib
import zipfile

import numpy as np

from kerasgen.core import message, nearest, say
from kerasgen.data.raw import from_arrays

_PAIRS = (
    ("x_train", "y_train"),
    ("x", "y"),
    ("images", "labels"),
    ("data", "target"),
)
_TESTS = (("x_test", "y_test"), ("test_images", "test_labels"))


def from_npz(path):
    """Reads an `.npz` file.

    Args:
        path: path of a file with arrays `x` and `y`, or `x_train`, `y_train`
            and maybe `x_test`, `y_test`, which then are the test split.

    Returns:
        Raw.

    Raises:
        ValueError: for a damaged file, or one without such arrays.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.npz")
        >>> np.savez(path, x=np.zeros((4, 3)), y=[0, 1, 0, 1])
        >>> from_npz(path).count
        4
    """
    path = pathlib.Path(path)
    try:
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ValueError(
            message("load", f"{path} must be a sound .npz file ({error})")
        ) from error
    pair = next((p for p in _PAIRS if set(p) <= set(arrays)), None)
    if pair is None:
        raise ValueError(
            message(
                "load",
                f"{path} must hold arrays x and y, or x_train and y_train",
                {"arrays": sorted(arrays)},
            )
        )
    raw = from_arrays(arrays[pair[0]], arrays[pair[1]], path.stem)
    test = next((p for p in _TESTS if set(p) <= set(arrays)), None)
    if test is not None:
        raw.test = from_arrays(arrays[test[0]], arrays[test[1]], path.stem)
    return raw


def from_tfds(name, image_size=None, folder=None):
    """Reads a data set of TensorFlow Datasets into memory.

    Args:
        name: str, as `tensorflow_datasets.load` takes it: "mnist",
            "mnist:3.0.1".
        image_size: pair (height, width) that images are resized to; None
            where all have one size.
        folder: path of its data, or None for TensorFlow Datasets' own.

    Returns:
        Raw; a split "test" of the source is its test set.

    Raises:
        ValueError: for an unknown name, data without labels, or more than
            fits in memory.
        ConnectionError: where it isn't on the disk and can't be downloaded.

    Source:
        TensorFlow Datasets, https://www.tensorflow.org/datasets.

    Example:
        >>> from_tfds("no_such_data_set")
        Traceback (most recent call last):
        ...
        ValueError: load: TensorFlow Datasets must know the data set. ...
    """
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=folder)
    except tfds.core.DatasetNotFoundError as error:
        near = nearest(name, tfds.list_builders())
        raise ValueError(
            message(
                "load",
                "TensorFlow Datasets must know the data set",
                {"source": f"tfds:{name}"},
                f"Did you mean {near!r}?" if near else None,
            )
        ) from error
    _check_memory(builder.info.dataset_size, name)
    try:
        builder.download_and_prepare()
    except Exception as error:  # noqa: BLE001 — each host fails in its own way
        raise ConnectionError(
            message(
                "load",
                f"{name} is not in {builder.data_dir}, and its download failed "
                f"({type(error).__name__})",
                None,
                "Prepare it where there is a network, and copy the folder.",
            )
        ) from error
    return from_builder(builder, image_size)


def from_builder(builder, image_size=None):
    """Reads a prepared builder of TensorFlow Datasets, or its `ImageFolder`.

    Args:
        builder: tensorflow_datasets.core.DatasetBuilder, prepared.
        image_size: pair (height, width) that images are resized to, or None.

    Returns:
        Raw.

    Raises:
        ValueError: for data without labels, or images of several sizes.
    """
    info = builder.info
    if info.supervised_keys is None:
        raise ValueError(
            message(
                "load",
                "the data set must have inputs and labels (supervised keys)",
                {"source": info.name, "features": sorted(info.features)},
            )
        )
    names = sorted(info.splits)
    train = "train" if "train" in names else names[0]
    say("%s: reading split %r", info.name, train)
    raw = _read(builder, train, image_size)
    if "test" in names and train != "test":
        raw.test = _read(builder, "test", image_size)
    key = info.supervised_keys[1]
    label = info.features[key] if isinstance(key, str) else None
    if hasattr(label, "names") and raw.y.dtype.kind in "iu":
        raw.labels = tuple(label.names)
    return raw


def _read(builder, split, image_size):
    import tensorflow as tf

    data = builder.as_dataset(split=split, as_supervised=True)
    if image_size is not None:
        data = data.map(
            lambda x, y: (
                tf.cast(
                    tf.round(
                        tf.image.resize(
                            tf.cast(x, tf.float32), image_size, antialias=True
                        )
                    ),
                    x.dtype,
                ),
                y,
            )
        )
    xs, ys = [], []
    for x, y in data.as_numpy_iterator():
        xs.append(x)
        ys.append(y.decode() if isinstance(y, bytes) else y)
    if isinstance(xs[0], dict):
        columns = {name: np.array([x[name] for x in xs]) for name in xs[0]}
        return from_arrays(columns, np.array(ys), builder.info.name)
    if len({x.shape for x in xs}) > 1:
        raise ValueError(
            message(
                "load",
                f"images must have one size; {builder.info.name} has several",
                None,
                "Pass image_size=(HEIGHT, WIDTH).",
            )
        )
    return from_arrays(np.stack(xs), np.array(ys), builder.info.name)


def _check_memory(size, name):
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return
    # Images are compressed on the disk; eight times is a cautious guess.
    if size and 8 * int(size) > free:
        raise ValueError(
            message(
                "load",
                f"{name} must fit in memory",
                {
                    "on disk": f"{int(size) / 2**30:.1f} GiB",
                    "free": f"{free / 2**30:.1f} GiB",
                },
                "Pass image_size= of smaller images to a folder source, or use "
                "a machine with more memory.",
            )
        )
