"""Folders of images, sounds, texts or videos, one folder a class."""

import collections
import pathlib

import numpy as np

from kerasgen.core import message, one_of, say
from kerasgen.data.images import FOREIGN, inspect_image
from kerasgen.data.images import SUFFIXES as IMAGES
from kerasgen.data.raw import Raw
from kerasgen.data.sounds import FOREIGN as OTHER_SOUNDS
from kerasgen.data.sounds import SUFFIXES as SOUNDS
from kerasgen.data.sounds import inspect_sound
from kerasgen.data.videos import SUFFIXES as VIDEOS
from kerasgen.data.videos import frames_of, inspect_video, spread

_TRAIN = ("train", "training")
_TEST = ("test", "testing", "val", "validation")
_SHOWN = 5
# More than this share of unreadable files is no accident.
_TOLERATED = 0.01
# Longer texts are books; they are cut before they are given.
_LONGEST = 2**24
_SUFFIXES = {
    "image": (*IMAGES, *FOREIGN),
    "audio": (*SOUNDS, *OTHER_SOUNDS),
    "text": (".txt",),
    "video": VIDEOS,
}


def from_folder(
    path,
    image_size=None,
    channels=None,
    *,
    kind=None,
    seconds=None,
    sample_rate=None,
    frames=None,
    like=None,
):
    """Lists a folder: `root/CLASS/*`, or the same in `train/` and `test/`.

    Every file is opened once. What can't be read is skipped, listed and
    logged by its path; more than one in a hundred is an error.

    Args:
        path: path of the root.
        image_size: pair (height, width) that images and videos are resized
            to; None where all have one size.
        channels: 1 or 3; None takes 3 where any image has colours.
        kind: "image", "audio", "text", "video", or None to find it out by the
            files' suffixes; a video may be a folder of images.
        seconds: float, the length of sounds; None takes the longest.
        sample_rate: int, the rate in Hz that sounds are resampled to; None
            where all have one rate.
        frames: int, how many are taken of each video; None takes the fewest
            that any has.
        like: Raw of the train set, whose classes a test set has.

    Returns:
        Raw whose `x` holds paths.

    Raises:
        ValueError: for a folder without files, too many unreadable files,
            sizes or rates that differ where none is given, or an empty class.

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
    kind = kind or _kind(train or root, frames)
    one_of("load", "kind", kind, tuple(_SUFFIXES))
    known = None if like is None else list(like.labels)
    parts = [_list(train or root, kind, known)]
    if train is not None and test is not None and like is None:
        parts.append(_list(test, kind, parts[0][2]))
    skipped, facts = [], collections.Counter()
    raws = [_inspect(root, *part[:2], kind, skipped, facts) for part in parts]
    _tolerate(skipped, sum(len(part[0]) for part in parts), root)
    rate = None
    if kind == "audio":
        size, rate = _length(facts, seconds, sample_rate)
    elif kind == "text":
        size = ()
    else:
        size = _size(facts, image_size, channels)
        if kind == "video":
            size = (_frames(facts, frames), *size)
    found = []
    for (paths, labels), (_, _, classes) in zip(raws, parts, strict=True):
        if like is None:
            _check_classes(classes, labels, root)
        x = _paths(paths, size[0] if kind == "video" else None, root)
        found.append(Raw(root.name, x, np.array(labels), size=size, rate=rate))
        found[-1].labels = tuple(classes)
        found[-1].kind, found[-1].files = kind, True
    found[0].skipped = skipped
    found[0].test = found[1] if len(found) > 1 else None
    return found[0]


def _kind(root, frames):
    """What most files are."""
    if frames is not None:
        return "video"
    counts = collections.Counter()
    for path in root.rglob("*"):
        if not path.name.startswith("."):
            counts[path.suffix.lower()] += 1
    total = {
        kind: sum(counts[suffix] for suffix in suffixes)
        for kind, suffixes in _SUFFIXES.items()
    }
    return max(total, key=total.get)


def _folders(folder):
    names = sorted(p.name for p in folder.iterdir() if p.is_dir())
    return [name for name in names if not name.startswith((".", "__"))]


def _list(folder, kind, known=None):
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
        for path in _members(folder / name, kind):
            paths.append(path)
            labels.append(index)
    if not paths:
        what = {"image": "images", "audio": "sounds", "text": "texts"}.get(
            kind, "videos, or folders of their images,"
        )
        shown = {"image": IMAGES, "audio": SOUNDS}.get(kind, _SUFFIXES[kind])
        raise ValueError(
            message(
                "load",
                f"{folder} must hold {what} ({', '.join(shown)}) in one "
                "folder for each class",
                {"folders": len(classes)},
            )
        )
    return paths, labels, classes


def _members(folder, kind):
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.name.startswith("."):
            continue
        clip = kind == "video" and path.is_dir() and any(frames_of(path))
        fits = path.is_file() and path.suffix.lower() in _SUFFIXES[kind]
        empty = kind == "video" and path.is_dir() and not any(path.iterdir())
        if clip or fits or empty:
            yield path


def _inspect(root, paths, labels, kind, skipped, facts):
    look = {
        "image": inspect_image,
        "audio": inspect_sound,
        "text": inspect_text,
        "video": inspect_video,
    }[kind]
    kept = []
    for path, label in zip(paths, labels, strict=True):
        size, channels, why = look(path)
        if why is not None:
            skipped.append((path.relative_to(root).as_posix(), why))
            continue
        facts[(*size, channels)] += 1
        kept.append((path, label))
    return [k[0] for k in kept], [k[1] for k in kept]


def inspect_files(root, paths, image_size=None, channels=None):
    """Opens image files that are no folders of classes.

    Args:
        root: path, that files are named from.
        paths: list of pathlib.Path.
        image_size: pair (height, width), or None where all have one size.
        channels: 1, 3, or None.

    Returns:
        list of the paths that can be read, the shape (height, width,
        channels), and a list of (where, why) of the others.

    Raises:
        ValueError: for too many unreadable files, or sizes that differ.
    """
    skipped, facts = [], collections.Counter()
    labels = [0] * len(paths)
    kept, _ = _inspect(root, paths, labels, "image", skipped, facts)
    _tolerate(skipped, len(paths), root)
    return kept, _size(facts, image_size, channels), skipped


def inspect_text(path):
    """Reads a text file.

    Args:
        path: path of a file in UTF-8.

    Returns:
        Tuple of a tuple of the number of letters, None, and None; or None,
        None and the reason why it can't be read.

    Example:
        >>> inspect_text("no/such.txt")[2]
        'no such file'
    """
    path = pathlib.Path(path)
    try:
        size = path.stat().st_size
        if size == 0:
            return None, None, "the file is empty"
        if size > _LONGEST:
            return None, None, f"{size} bytes, more than {_LONGEST}"
        return (len(path.read_bytes().decode("utf-8")),), None, None
    except FileNotFoundError:
        return None, None, "no such file"
    except UnicodeDecodeError as error:
        return None, None, f"byte {error.start} is not UTF-8"
    except OSError as error:
        return None, None, str(error)


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


def _paths(paths, frames, root):
    """The files of each example: one, or so many frames of a clip."""
    clips = [path.is_dir() for path in paths]
    if frames is None or not any(clips):
        return np.array([str(p) for p in paths], dtype=object)
    if not all(clips):
        raise ValueError(
            message(
                "load",
                f"the videos of {root} must be all files, or all folders of "
                "images",
                {"folders": sum(clips), "files": len(clips) - sum(clips)},
            )
        )
    found = np.empty((len(paths), frames), dtype=object)
    for index, path in enumerate(paths):
        each = frames_of(path)
        for place, chosen in enumerate(spread(len(each), frames)):
            found[index, place] = str(each[chosen])
    return found


def _size(facts, image_size, channels):
    colours = channels or max(fact[-1] for fact in facts)
    if image_size is not None:
        return (*map(int, image_size), colours)
    sizes = collections.Counter()
    for fact, count in facts.items():
        sizes[fact[-3:-1]] += count
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


def _length(facts, seconds, sample_rate):
    rates = collections.Counter()
    for (_, rate, _), count in facts.items():
        rates[rate] += count
    if len(rates) > 1 and sample_rate is None:
        shown = ", ".join(f"{r} Hz ({n})" for r, n in rates.most_common(3))
        raise ValueError(
            message(
                "load",
                f"sounds must have one sample rate; found {shown}",
                None,
                "Pass sample_rate= to resample them.",
            )
        )
    rate = int(sample_rate or next(iter(rates)))
    if seconds is None:
        seconds = max(samples / own for samples, own, _ in facts)
    return (max(1, round(seconds * rate)),), rate


def _frames(facts, frames):
    return int(frames or min(fact[0] for fact in facts))


def _check_classes(classes, labels, root):
    counts = np.bincount(labels, minlength=len(classes))
    empty = [name for name, n in zip(classes, counts, strict=True) if not n]
    if empty:
        raise ValueError(
            message(
                "load",
                f"each class of {root} must have readable files",
                {"empty": empty},
            )
        )
