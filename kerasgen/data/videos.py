"""Videos: folders of frames, or files through the extra `video`."""

import os
import pathlib

import numpy as np
import tensorflow as tf

from kerasgen.core.check import need
from kerasgen.data.images import SUFFIXES as PICTURES
from kerasgen.data.images import inspect_image

SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm")


def spread(count, frames):
    """Picks frames, evenly from the first to the last.

    Args:
        count: int, how many there are.
        frames: int, how many are taken.

    Returns:
        int array (frames,); a clip that is too short repeats some.

    Example:
        >>> spread(9, 3).tolist()
        [0, 4, 8]
    """
    return np.round(np.linspace(0, count - 1, frames)).astype(int)


def frames_of(folder):
    """Lists the frames of a clip that is a folder of images.

    Args:
        folder: path.

    Returns:
        list of pathlib.Path, in the order of their names, numbers by size.
    """
    found = [
        path
        for path in pathlib.Path(folder).iterdir()
        if path.suffix.lower() in PICTURES and not path.name.startswith(".")
    ]
    return sorted(found, key=_natural)


def _natural(path):
    digits = "".join(c if c.isdigit() else " " for c in path.stem).split()
    return (int(digits[-1]) if digits else -1, path.name)


def read_video(path, frames):
    """Reads some frames of a video file.

    Args:
        path: path, or bytes of it.
        frames: int, how many are taken, evenly spread.

    Returns:
        uint8 array (frames, height, width, 3).

    Raises:
        ImportError: where `av` isn't installed.
        ValueError: for a file without pictures.
    """
    # TensorFlow hands over bytes in an array.
    path = os.fsdecode(getattr(path, "item", lambda: path)())
    wanted = spread(_count(path), int(frames))
    last, found = wanted[-1], {}
    with need("av", "video").open(path) as file:
        for index, frame in enumerate(file.decode(video=0)):
            if index in wanted:
                found[index] = frame.to_ndarray(format="rgb24")
            if index >= last:
                break
    return np.stack([found[index] for index in wanted])


def _count(path):
    with need("av", "video").open(path) as file:
        count = sum(1 for _ in file.decode(video=0))
    if not count:
        raise ValueError(f"{path} has no pictures")
    return count


def inspect_video(path):
    """Reads as far as it takes to know that a clip is sound.

    Args:
        path: path of a video file, or of a folder of images.

    Returns:
        Tuple of (frames, height, width), the number of channels, and None;
        or None, None and the reason why it can't be read.

    Raises:
        ImportError: for a file, where `av` isn't installed.

    Example:
        >>> inspect_video("no/such.mp4")[2]
        'no such file'
    """
    path = pathlib.Path(path)
    if path.is_dir():
        return _inspect_folder(path)
    try:
        if path.stat().st_size == 0:
            return None, None, "the file is empty"
        need("av", "video")
        first = read_video(path, 1)
        return (_count(str(path)), *first.shape[1:3]), 3, None
    except FileNotFoundError:
        return None, None, "no such file"
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 — each codec has its own kinds
        text = " ".join(str(error).replace(str(path), "").split())
        return None, None, text or type(error).__name__


def _inspect_folder(path):
    paths = frames_of(path)
    if not paths:
        return None, None, "the folder has no images"
    sizes, colours = set(), 1
    for each in paths:
        size, channels, why = inspect_image(each)
        if why is not None:
            return None, None, f"{each.name}: {why}"
        sizes.add(size)
        colours = max(colours, channels)
    if len(sizes) > 1:
        return None, None, f"frames of {len(sizes)} sizes"
    return (len(paths), *sizes.pop()), colours, None


def decode_video(path, frames):
    """Reads a video file from inside the graph.

    Args:
        path: string tensor ().
        frames: int.

    Returns:
        uint8 tensor (frames, height, width, 3).
    """
    found = tf.numpy_function(
        lambda name: read_video(name, frames), [path], tf.uint8
    )
    found.set_shape((frames, None, None, 3))
    return found
