"""Images and their masks, in two folders, matched by their names."""

import pathlib
import warnings

import numpy as np
import PIL.Image
import tensorflow as tf

from kerasgen.core import message
from kerasgen.data.folder import inspect_files
from kerasgen.data.images import FOREIGN, LIMIT, SUFFIXES
from kerasgen.data.raw import Raw
from kerasgen.data.rows import Spool


def from_masks(
    images, masks, image_size=None, channels=None, cache=None, like=None
):
    """Reads images with a mask each: `images/a.jpg` and `masks/a.png`.

    A mask's pixels are the numbers of classes, as in palette PNGs, and 255
    where none is known; masks of 0 and 255 alone are two classes. Masks are
    resized to the nearest pixel.

    Args:
        images: path of the folder of images, which may have folders inside.
        masks: path of the folder of masks, of the same names; other suffixes
            may differ.
        image_size: pair (height, width) that both are resized to; None where
            all have one size.
        channels: 1 or 3; None takes 3 where any image has colours.
        cache: path of a folder for masks that don't fit in memory, or None
            for a temporary one.
        like: Raw of the train set, or None.

    Returns:
        Raw whose `x` holds paths, and whose `y` masks (n, height, width).

    Raises:
        ValueError: for an image without a mask, a mask without an image, a
            mask in colours or of another shape than its image.
    """
    images, masks = pathlib.Path(images), pathlib.Path(masks)
    pictures, answers = _stems(images), _stems(masks)
    for one, other, where in (
        (pictures, answers, masks),
        (answers, pictures, images),
    ):
        alone = sorted(set(one) - set(other))
        if alone:
            raise ValueError(
                message(
                    "load",
                    f"each image must have a mask of its name, and each mask "
                    f"an image: {where} has none for {len(alone)}",
                    {"names": alone[:5]},
                )
            )
    stems = sorted(pictures)
    paths = [pictures[stem] for stem in stems]
    kept, size, skipped = inspect_files(images, paths, image_size, channels)
    spool = Spool(folder=cache)
    for path in kept:
        stem = path.relative_to(images).with_suffix("").as_posix()
        spool.add(read_mask(answers[stem], size[:2], path))
    x = np.array([str(path) for path in kept], dtype=object)
    raw = Raw(images.name, x, spool.close(), size=size, kind="image")
    raw.files, raw.target, raw.skipped = True, "mask", skipped
    return raw


def _stems(folder):
    if not folder.is_dir():
        raise ValueError(message("load", f"{folder} must be a folder"))
    found = {}
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith(".")
        if hidden or path.suffix.lower() not in (*SUFFIXES, *FOREIGN):
            continue
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in found:
            raise ValueError(
                message(
                    "load",
                    f"{folder} must have one file of each name",
                    {"twice": [found[stem].name, path.name]},
                )
            )
        found[stem] = path
    if not found:
        raise ValueError(
            message(
                "load", f"{folder} must hold images ({', '.join(SUFFIXES)})"
            )
        )
    return found


def read_mask(path, size, image=None):
    """Reads a mask as numbers of classes.

    Args:
        path: path of an image of one channel, or with a palette.
        size: pair (height, width) that it gets.
        image: path of its image, whose shape it must have, or None.

    Returns:
        uint8 array (height, width).

    Raises:
        ValueError: for a file that can't be read, has colours, or another
            shape than its image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(path) as file:
                mode, own = file.mode, file.size
                if own[0] * own[1] > LIMIT:
                    raise ValueError(f"more than {LIMIT} pixels")
                pixels = np.asarray(file.convert("L") if mode == "1" else file)
    except Exception as error:
        raise ValueError(
            message("load", f"mask {path} must be readable ({error})")
        ) from error
    if mode not in ("1", "L", "P") or pixels.dtype != np.uint8:
        raise ValueError(
            message(
                "load",
                f"mask {path} must have one channel of 8 bits, or a palette",
                {"mode": mode},
            )
        )
    if image is not None:
        with PIL.Image.open(image) as file:
            if file.size != own:
                raise ValueError(
                    message(
                        "load",
                        f"mask {path} must have the width and height of its "
                        "image",
                        {"mask": own, "image": file.size},
                    )
                )
    if pixels.shape == tuple(size):
        return pixels
    resized = tf.image.resize(pixels[..., None], size, "nearest")
    return resized.numpy()[..., 0]
