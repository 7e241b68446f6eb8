"""Image files: to pixels, and whether they can be read at all."""

import pathlib

import PIL.Image
import tensorflow as tf

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L")


def decode_image(encoded, shape, low=0.0, high=255.0):
    """Decodes and resizes image files, in the graph.

    The pipeline and the served model both call this.

    Args:
        encoded: string tensor () or (batch,), the files' bytes.
        shape: tuple (height, width, channels), channels 1 or 3.
        low: float, what black becomes.
        high: float, what white becomes.

    Returns:
        float32 tensor of `shape`, or with a batch axis.

    Example:
        >>> png = tf.io.encode_png(tf.zeros((4, 4, 1), tf.uint8))
        >>> decode_image(png, (2, 2, 3)).shape
        TensorShape([2, 2, 3])
    """
    if len(encoded.shape):
        return tf.map_fn(
            lambda one: decode_image(one, shape, low, high),
            encoded,
            fn_output_signature=tf.TensorSpec(shape, tf.float32),
        )
    height, width, channels = shape
    image = tf.io.decode_image(encoded, channels, expand_animations=False)
    image.set_shape((None, None, channels))
    image = tf.cast(image, tf.float32)
    size = tf.shape(image)
    fits = tf.reduce_all(tf.equal(size[:2], [height, width]))
    image = tf.cond(
        fits,
        lambda: image,
        lambda: tf.clip_by_value(
            tf.image.resize(image, (height, width), antialias=True), 0.0, 255.0
        ),
    )
    image = tf.ensure_shape(image, shape)
    if (low, high) != (0.0, 255.0):
        image = low + image * ((high - low) / 255.0)
    return image


def inspect_image(path):
    """Reads an image file as far as it takes to know that it is sound.

    Args:
        path: path of the file.

    Returns:
        Tuple of (height, width), the number of channels (1 or 3), and None;
        or None, None and the reason why it can't be read.

    Example:
        >>> inspect_image("no/such.png")[2]
        'no such file'
    """
    path = pathlib.Path(path)
    try:
        if path.stat().st_size == 0:
            return None, None, "the file is empty"
        with PIL.Image.open(path) as image:
            width, height = image.size
            mode, kind = image.mode, image.format
            image.load()
    except FileNotFoundError:
        return None, None, "no such file"
    except Exception as error:  # noqa: BLE001 — Pillow raises many kinds
        text = " ".join(str(error).replace(str(path), "").split())
        return None, None, text or type(error).__name__
    if kind not in ("PNG", "JPEG", "BMP", "GIF"):
        return None, None, f"format {kind} is not PNG, JPEG, BMP or GIF"
    if mode in _DEEP:
        return (
            None,
            None,
            f"16-bit or float pixels (mode {mode}); save as 8 bit",
        )
    return (height, width), (1 if mode in ("1", "L", "LA") else 3), None
