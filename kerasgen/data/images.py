"""Image files: to pixels, and whether they can be read at all."""

import pathlib

import PIL.Image
import tensorflow as tf

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
# Other images: not decoded, but named rather than passed over in silence.
FOREIGN = (".webp", ".tif", ".tiff", ".heic", ".avif", ".ppm", ".pgm")
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
    # TensorFlow gives BMP, GIF and CMYK no grey of its own.
    image = tf.io.decode_image(encoded, 3, expand_animations=False)
    image.set_shape((None, None, 3))
    image = tf.cast(image, tf.float32)
    if channels == 1:
        grey = tf.image.rgb_to_grayscale(image)
        image = tf.clip_by_value(tf.round(grey), 0.0, 255.0)
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
        deep = kind == "PNG" and _bits(path) == 16
    except FileNotFoundError:
        return None, None, "no such file"
    except Exception as error:  # noqa: BLE001 — Pillow raises many kinds
        text = " ".join(str(error).replace(str(path), "").split())
        return None, None, text or type(error).__name__
    if kind not in ("PNG", "JPEG", "BMP", "GIF"):
        return None, None, f"format {kind} is not PNG, JPEG, BMP or GIF"
    if deep or mode in _DEEP:
        return None, None, f"16-bit or float pixels ({mode}); save as 8 bit"
    if kind == "BMP" and mode in ("1", "P"):
        return None, None, "a BMP with a palette; save as PNG"
    return (height, width), (1 if mode in ("1", "L", "LA") else 3), None


def _bits(path):
    """The header tells what Pillow doesn't: it halves 16-bit colours."""
    with open(path, "rb") as file:
        header = file.read(25)
    return header[24] if len(header) == 25 else None
