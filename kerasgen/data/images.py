"""Image files: to pixels, and whether they can be read at all."""

import pathlib
import warnings

import PIL.Image
import tensorflow as tf

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
# Other images: not decoded, but named rather than passed over in silence.
FOREIGN = (".webp", ".tif", ".tiff", ".heic", ".avif", ".ppm", ".pgm")
# A small file can hold a picture that fills the memory.
LIMIT = 64_000_000
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
        Tensor of `shape`, or with a batch axis: uint8 where the range is
        [0, 255], float32 otherwise.

    Example:
        >>> png = tf.io.encode_png(tf.zeros((4, 4, 1), tf.uint8))
        >>> decode_image(png, (2, 2, 3)).shape
        TensorShape([2, 2, 3])
    """
    if len(encoded.shape):
        return tf.map_fn(
            lambda one: decode_image(one, shape, low, high),
            encoded,
            fn_output_signature=tf.TensorSpec(shape, pixel_type(low, high)),
        )
    # TensorFlow gives BMP, GIF and CMYK no grey of its own.
    image = tf.io.decode_image(encoded, 3, expand_animations=False)
    image.set_shape((None, None, 3))
    return fit_pixels(image, shape, low, high)


def fit_pixels(image, shape, low=0.0, high=255.0):
    """Brings coloured pixels to a shape and range, in the graph.

    Args:
        image: uint8 tensor (height, width, 3), or (frames, height, width, 3).
        shape: tuple (height, width, channels), channels 1 or 3.
        low: float, what black becomes.
        high: float, what white becomes.

    Returns:
        uint8 tensor where the range is [0, 255], float32 otherwise.

    Example:
        >>> fit_pixels(tf.zeros((4, 4, 3), tf.uint8), (2, 2, 1)).shape
        TensorShape([2, 2, 1])
    """
    height, width, channels = shape
    if channels == 1:
        grey = tf.image.rgb_to_grayscale(tf.cast(image, tf.float32))
        image = tf.cast(tf.clip_by_value(tf.round(grey), 0.0, 255.0), tf.uint8)

    def resize():
        found = tf.image.resize(image, (height, width), antialias=True)
        # Whole pixels: those of a file that is sent to the served model.
        return tf.cast(tf.clip_by_value(tf.round(found), 0.0, 255.0), tf.uint8)

    fits = tf.reduce_all(tf.equal(tf.shape(image)[-3:-1], [height, width]))
    image = tf.cond(fits, lambda: image, resize)
    image = tf.ensure_shape(image, (*image.shape[:-3], *shape))
    if pixel_type(low, high) == tf.uint8:
        return image
    return low + tf.cast(image, tf.float32) * ((high - low) / 255.0)


def pixel_type(low, high):
    """Tells the dtype of decoded pixels.

    Args:
        low: float, the least value.
        high: float, the greatest.

    Returns:
        tf.DType, uint8 for [0, 255] and float32 otherwise.

    Example:
        >>> pixel_type(0.0, 1.0).name
        'float32'
    """
    return tf.uint8 if (low, high) == (0.0, 255.0) else tf.float32


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            image = PIL.Image.open(path)
        with image:
            width, height = image.size
            mode, kind = image.mode, image.format
            if width * height > LIMIT:
                return None, None, _huge(width, height)
            image.load()
        deep = kind == "PNG" and _bits(path) == 16
    except FileNotFoundError:
        return None, None, "no such file"
    except PIL.Image.DecompressionBombError:
        return None, None, _huge()
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


def _huge(*size):
    shown = "x".join(map(str, size)) + " pixels, " if size else ""
    return f"{shown}more than the {LIMIT // 10**6} million that are decoded"


def _bits(path):
    """The header tells what Pillow doesn't: it halves 16-bit colours."""
    with open(path, "rb") as file:
        header = file.read(25)
    return header[24] if len(header) == 25 else None
