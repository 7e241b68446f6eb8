"""Fetch: what stands at a path, in the graph or at once; broken files named."""

import concurrent.futures
import os
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from kerasgen.core import message
from kerasgen.data.images import (
    decode_image,
    fit_pixels,
    inspect_image,
    pixel_type,
)
from kerasgen.data.sounds import (
    decode_sound,
    fit_samples,
    inspect_sound,
    read_flac,
    resample,
)
from kerasgen.data.videos import decode_video, inspect_video

_THREADS = min(8, os.cpu_count() or 1)


def raw_type(schema):
    """Tells the dtype of raw examples as the pipeline hands them on.

    Args:
        schema: Schema.

    Returns:
        tf.DType.
    """
    if schema.kind in ("image", "video"):
        return pixel_type(schema.low, schema.high)
    return tf.float32 if schema.kind == "audio" else tf.string


def read_path(schema, path):
    """Reads and decodes what one example's path stands for, in the graph.

    Args:
        schema: Schema.
        path: string tensor (), or (frames,) for a video in images.

    Returns:
        Tensor of the schema's shape.
    """
    if schema.kind == "image":
        return decode_image(
            tf.io.read_file(path), schema.shape, schema.low, schema.high
        )
    if schema.kind == "text":
        return tf.io.read_file(path)
    if schema.kind == "audio":
        return _sound(path, schema.shape[0], schema.rate)
    if len(path.shape):
        return tf.map_fn(
            lambda one: decode_image(
                tf.io.read_file(one), schema.shape[1:], schema.low, schema.high
            ),
            path,
            fn_output_signature=tf.TensorSpec(
                schema.shape[1:], raw_type(schema)
            ),
        )
    pixels = decode_video(path, schema.shape[0])
    return fit_pixels(pixels, schema.shape[1:], schema.low, schema.high)


def _sound(path, samples, rate):
    def wav():
        return decode_sound(tf.io.read_file(path), samples, rate)

    def flac():
        signal, own = tf.numpy_function(
            read_flac, [path], (tf.float32, tf.int32)
        )
        signal.set_shape((None,))
        own.set_shape(())
        signal = tf.cond(
            tf.equal(own, rate),
            lambda: signal,
            lambda: resample(signal, own, rate),
        )
        return fit_samples(signal, samples)

    other = tf.strings.regex_full_match(path, r"(?i).*\.flac")
    return tf.cond(other, flac, wav)


def read_batch(schema, paths):
    """Reads a batch of paths in the graph.

    Args:
        schema: Schema.
        paths: string tensor (batch,), or (batch, frames).

    Returns:
        Tensor (batch, *schema.shape).
    """
    return tf.map_fn(
        lambda path: read_path(schema, path),
        paths,
        fn_output_signature=tf.TensorSpec(schema.shape, raw_type(schema)),
    )


def read_files(schema, paths):
    """Reads paths at once, in threads, naming what is broken.

    Args:
        schema: Schema.
        paths: array (n,) or (n, frames) of paths.

    Returns:
        array (n, *schema.shape).

    Raises:
        ValueError: with the name of a file that can't be read.
    """

    def read(path):
        try:
            return read_path(schema, tf.constant(path)).numpy()
        except (tf.errors.OpError, OSError, ValueError) as error:
            raise ValueError(_broken(schema, path, error)) from error

    if len(paths) < 2:
        found = [read(path) for path in paths]
    else:
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(read, paths))
    return np.stack(found)


def _broken(schema, path, error=None):
    for each in np.ravel(path):
        why = _why(schema, each)
        if why is not None:
            return message(
                "data",
                f"{each} must be as it was when the data were loaded, but "
                f"{why}",
                None,
                "Load the data again.",
            )
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return message("data", f"{np.ravel(path)[0]} must be readable ({first})")


def _why(schema, path):
    """Why a file can't be read, or None."""
    if schema.kind == "text":
        try:
            with open(path, "rb") as file:
                file.read().decode("utf-8")
        except FileNotFoundError:
            return "no such file"
        except (OSError, UnicodeDecodeError) as error:
            return str(error)
        return None
    if schema.kind == "audio":
        return inspect_sound(path)[2]
    if schema.kind == "video" and os.path.splitext(path)[1].lower() not in (
        ".png",
        ".jpg",
        ".jpeg",
        ".bmp",
        ".gif",
    ):
        return inspect_video(path)[2]
    return inspect_image(path)[2]


def stamp(paths):
    """Notes size and time of change of files.

    Args:
        paths: array of paths of any shape.

    Returns:
        int64 array, of the same shape and a last axis of two.

    Raises:
        OSError: for a file that isn't there.
    """
    paths = np.asarray(paths)
    found = np.empty((paths.size, 2), "int64")
    for index, path in enumerate(paths.ravel()):
        state = os.stat(path)
        found[index] = state.st_size, state.st_mtime_ns
    return found.reshape((*paths.shape, 2))


class Guard:
    """Looks whether files are still what they were, and names those that broke.

    Only a file that changed since is opened and read through.

    Args:
        schema: Schema.
        paths: array (n,) or (n, frames) of paths.
        stamps: int64 array (*paths.shape, 2), from `stamp`, or None to take
            each file as it is met first.

    Example:
        >>> Guard.__name__
        'Guard'
    """

    def __init__(self, schema, paths, stamps=None):
        self._schema = schema
        self._paths = np.asarray(paths)
        shape = (*self._paths.shape, 2)
        self._stamps = np.full(shape, -1) if stamps is None else stamps.copy()

    def check(self, places):
        """Checks files.

        Args:
            places: int array of examples.

        Returns:
            True.

        Raises:
            ValueError: with the name of the file that broke.
        """
        for place in np.ravel(places):
            one = np.ravel(self._paths[place])
            notes = self._stamps[place].reshape(-1, 2)
            for path, note in zip(one, notes, strict=True):
                self._check(path, note)
        return np.True_

    def _check(self, path, note):
        try:
            state = os.stat(path)
        except OSError as error:
            raise ValueError(_broken(self._schema, path, error)) from error
        if note[0] == state.st_size and note[1] == state.st_mtime_ns:
            return
        if _why(self._schema, path) is not None:
            raise ValueError(_broken(self._schema, path))
        note[:] = state.st_size, state.st_mtime_ns

    def __call__(self, places):
        """Checks files from inside the graph, before they are read."""
        return tf.numpy_function(self.check, [places], tf.bool)


def read_examples(schema, examples):
    """Reads the raw inputs of examples into memory.

    Args:
        schema: Schema.
        examples: Examples.

    Returns:
        array (n, ...), or dict of column to array (n,).

    Raises:
        ValueError: with the name of a file that can't be read.
    """
    if examples.files:
        if not len(examples):
            kind = raw_type(schema)
            kind = object if kind == tf.string else kind.as_numpy_dtype
            return np.empty((0, *schema.shape), kind)
        return read_files(schema, examples.x)
    if isinstance(examples.x, Mapping):
        return {name: np.asarray(v) for name, v in examples.x.items()}
    return np.asarray(examples.x)


def chunk_of(schema):
    """Tells how many raw examples are read at a time, in bounded memory.

    Args:
        schema: Schema.

    Returns:
        int, from 1 to 512.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> chunk_of(Schema("image", (8, 8, 1)))
        512
    """
    size = 4 * int(np.prod(schema.shape or (1,)))
    return int(np.clip(2**26 // max(size, 1), 1, 512))


def as_tensors(schema, raw):
    """Turns raw examples into what `prepare` takes.

    Args:
        schema: Schema.
        raw: array (n, ...), or dict of column to array (n,).

    Returns:
        Tensor, float32 of pixels, or dict of them.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> schema = Schema("image", (2, 2, 1))
        >>> as_tensors(schema, np.zeros((1, 2, 2, 1), "uint8")).dtype.name
        'float32'
    """
    if isinstance(raw, Mapping):
        return {name: tf.constant(values) for name, values in raw.items()}
    if schema.kind in ("image", "video"):
        return tf.cast(raw, tf.float32)
    return tf.constant(raw)
