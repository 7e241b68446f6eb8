"""Folders of images, one folder a class."""

import collections
import pathlib

import numpy as np

from kerasgen.core import message, say
from kerasgen.data.images import FOREIGN, SUFFIXES, inspect_image
from kerasgen.data.raw import Raw

_TRAIN = ("train", "training")
_TEST = ("test", "testing", "val", "validation")
_SHOWN = 5
# More than this share of unreadable files is no accident.
_TOLERATED = 0.01


def from_folder(path, image_size=None, channels=None):
    """Lists a folder of images: `root/CLASS/*.png`, or with `train/`, `test/`.

    Every file is opened once. What can't be read is skipped, listed and
    logged by its path; more than one in a hundred is an error.

    Args:
        path: path of the root.
        image_size: pair (height, width) that images are resized to; None
            where all have one size.
        channels: 1 or 3; None takes 3 where any image has colours.

    Returns:
        Raw whose `x` holds paths.

    Raises:
        ValueError: for a folder without images, too many unreadable files,
            sizes that differ where none is given, or an empty class.

    Example:
        >>> from_folder("no/such/folder")
        Traceback (most recent call last):
        ...
        ValueError: load: no/such/folder must be a folder.
    """
    root = pathlib.Path(path)
    if not root.is_dir():
        raise ValueError(message("load", f"{root.as_posix()} must be a folder"))
    names = {name.lower(): root / name for name in _folders(root)}
    train = next((names[name] for name in _TRAIN if name in names), None)
    test = next((names[name] for name in _TEST if name in names), None)
    parts = [_list(train or root)]
    if train is not None and test is not None:
        parts.append(_list(test, parts[0][2]))
    skipped, kinds = [], collections.Counter()
    raws = [_inspect(root, *part[:2], skipped, kinds) for part in parts]
    _tolerate(skipped, sum(len(part[0]) for part in parts), root)
    size = _size(kinds, image_size, channels)
    found = []
    for (paths, labels), (_, _, classes) in zip(raws, parts, strict=True):
        _check_classes(classes, labels, root)
        x = np.array([str(p) for p in paths], dtype=object)
        found.append(Raw(root.name, x, np.array(labels), size=size))
        found[-1].labels = tuple(classes)
    found[0].skipped = skipped
    found[0].test = found[1] if len(found) > 1 else None
    return found[0]


def _folders(folder):
    names = sorted(p.name for p in folder.iterdir() if p.is_dir())
    return [name for name in names if not name.startswith((".", "__"))]


def _list(folder, known=None):
    classes = _folders(folder)
    if known is not None:
        strange = sorted(set(classes) - set(known))
        if strange:
            raise ValueError(
                message(
                    "load",
                    f"{folder} must have the classes of the train folder",
                    {"unknown": strange},
                )
            )
        classes = known
    paths, labels = [], []
    for index, name in enumerate(classes):
        for path in sorted((folder / name).rglob("*")):
            hidden = path.name.startswith(".")
            if hidden or not path.is_file():
                continue
            if path.suffix.lower() in (*SUFFIXES, *FOREIGN):
                paths.append(path)
                labels.append(index)
    if not paths:
        raise ValueError(
            message(
                "load",
                f"{folder} must hold images ({', '.join(SUFFIXES)}) in one "
                "folder for each class",
                {"folders": len(classes)},
            )
        )
    return paths, labels, classes


def _inspect(root, paths, labels, skipped, kinds):
    kept = []
    for path, label in zip(paths, labels, strict=True):
        size, channels, why = inspect_image(path)
        if why is not None:
            skipped.append((path.relative_to(root).as_posix(), why))
            continue
        kinds[(*size, channels)] += 1
        kept.append((path, label))
    return [k[0] for k in kept], [k[1] for k in kept]


def _tolerate(skipped, total, root):
    for path, why in skipped[:_SHOWN]:
        say("Skipped %s: %s", path, why)
    if len(skipped) > _TOLERATED * total:
        shown = "; ".join(f"{path} ({why})" for path, why in skipped[:_SHOWN])
        raise ValueError(
            message(
                "load",
                f"at most 1 % of the files in {root} may be unreadable",
                {"unreadable": len(skipped), "files": total},
                f"The first: {shown}.",
            )
        )


def _size(kinds, image_size, channels):
    colours = channels or max(kind[2] for kind in kinds)
    if image_size is not None:
        return (*map(int, image_size), colours)
    sizes = collections.Counter()
    for (height, width, _), count in kinds.items():
        sizes[(height, width)] += count
    if len(sizes) > 1:
        shown = ", ".join(
            f"{h}x{w} ({n})" for (h, w), n in sizes.most_common(3)
        )
        raise ValueError(
            message(
                "load",
                f"images must have one size; found {len(sizes)}: {shown}",
                None,
                "Pass image_size=(HEIGHT, WIDTH).",
            )
        )
    return (*next(iter(sizes)), colours)


def _check_classes(classes, labels, root):
    counts = np.bincount(labels, minlength=len(classes))
    empty = [name for name, n in zip(classes, counts, strict=True) if not n]
    if empty:
        raise ValueError(
            message(
                "load",
                f"each class of {root} must have readable images",
                {"empty": empty},
            )
        )
