"""`.npz` files and TensorFlow Datasets."""

import pathlib
import socket
import urllib.parse
import urllib.request
import zipfile

import numpy as np

from kerasgen.core import message, nearest, say
from kerasgen.data.arrays import from_memory
from kerasgen.data.dataset import from_dataset

_PAIRS = (
    ("x_train", "y_train"),
    ("x", "y"),
    ("images", "labels"),
    ("data", "target"),
)
_TESTS = (("x_test", "y_test"), ("test_images", "test_labels"))


def from_npz(path, **given):
    """Reads an `.npz` file.

    Args:
        path: path of a file with arrays `x` and `y`, or `x_train`, `y_train`
            and maybe `x_test`, `y_test`, which then are the test split.
        **given: kind, rate and samples, as `from_memory` takes them.

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
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
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
    raw = from_memory(arrays[pair[0]], arrays[pair[1]], path.stem, **given)
    test = next((p for p in _TESTS if set(p) <= set(arrays)), None)
    if test is not None:
        raw.test = from_memory(
            arrays[test[0]], arrays[test[1]], path.stem, **given
        )
    return raw


def from_tfds(name, image_size=None, folder=None, **given):
    """Reads a data set of TensorFlow Datasets.

    Args:
        name: str, as `tensorflow_datasets.load` takes it: "mnist",
            "mnist:3.0.1".
        image_size: pair (height, width) that images are resized to; None
            where all have one size.
        folder: path of its data, or None for TensorFlow Datasets' own.
        **given: kind, rate, samples and cache, as `from_dataset` takes them.

    Returns:
        Raw; a split "test" of the source is its test set.

    Raises:
        ValueError: for an unknown name, or data without labels.
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
    try:
        if not builder.is_prepared():
            _check_network(builder)
            config = tfds.download.DownloadConfig(try_download_gcs=False)
            builder.download_and_prepare(download_config=config)
    except Exception as error:  # noqa: BLE001 — each host fails in its own way
        raise ConnectionError(
            message(
                "load",
                f"{name} is not in {builder.data_dir}, and its download failed "
                f"({type(error).__name__}: {_first_line(error)})",
                None,
                "Prepare it where there is a network, and copy the folder.",
            )
        ) from error
    return from_builder(builder, image_size, **given)


def from_builder(builder, image_size=None, **given):
    """Reads a prepared builder of TensorFlow Datasets, or its `ImageFolder`.

    Args:
        builder: tensorflow_datasets.core.DatasetBuilder, prepared.
        image_size: pair (height, width) that images are resized to, or None.
        **given: kind, rate, samples and cache, as `from_dataset` takes them.

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
    raw = _read(builder, train, image_size, given)
    if "test" in names and train != "test":
        raw.test = _read(builder, "test", image_size, given)
    key = info.supervised_keys[1]
    label = info.features[key] if isinstance(key, str) else None
    if hasattr(label, "names") and raw.y.dtype.kind in "iu":
        raw.labels = tuple(label.names)
    return raw


def _read(builder, split, image_size, given):
    data = builder.as_dataset(split=split, as_supervised=True)
    return from_dataset(
        data, image_size=image_size, name=builder.info.name, **given
    )


def _check_network(builder):
    """Asks once, where the downloader itself would try for minutes."""
    # No URLs: generated on the spot. A proxy knows what this machine doesn't.
    urls = builder.url_infos or ()
    hosts = {urllib.parse.urlsplit(url).hostname for url in urls}
    # The folder of a configuration lies one deeper.
    roots = pathlib.Path(builder.data_dir).parents[1:3]
    have = any(
        path.is_file() and ".tmp" not in str(path)
        for root in roots
        for path in (root / "downloads").rglob("*")
    )
    if have or urllib.request.getproxies():
        return
    for host in sorted(host for host in hosts if host):
        socket.getaddrinfo(host, 443)


def _first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else "no reason given"
