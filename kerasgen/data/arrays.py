"""Arrays and lists of every kind."""

from collections.abc import Mapping

import numpy as np

from kerasgen.core import message
from kerasgen.data.raw import Raw, check_lengths, flat, from_arrays, text
from kerasgen.data.rows import Rows, Spool

_RANKS = {"image": (3, 4), "video": (4, 5), "audio": (2,), "table": (2,)}


def from_memory(x, y, name="arrays", *, kind=None, rate=None, samples=None):
    """Takes inputs and labels that are in memory, or mapped from the disk.

    Args:
        x: array, numpy.memmap, list of texts, list of lists of tokens, list
            of sounds of different lengths, or mapping of columns.
        y: array (n,), masks (n, height, width), list of lists of tags, array
            (n,) of texts, mapping of output to array (n,), or None.
        name: str.
        kind: str, as in Schema, "pairs" for texts to texts, or None to find
            it out by type and rank.
        rate: int, samples in a second, for audio.
        samples: int, the length of sounds; None takes the longest.

    Returns:
        Raw.

    Raises:
        ValueError: for a rank that isn't the kind's, and lengths that differ.

    Example:
        >>> from_memory(["a b", "c"], [0, 1]).kind
        'text'
    """
    if kind is None or kind in ("image", "table", "video"):
        _check_rows(x)
    kind = kind or _kind(x)
    pairs, kind = kind == "pairs", "text" if kind == "pairs" else kind
    y, target = _labels(y, kind, pairs)
    if kind in ("text", "tokens", "audio"):
        make = {"text": _texts, "tokens": _tokens, "audio": _sounds}[kind]
        x = make(x, samples)
    elif isinstance(x, (np.memmap, Rows)) and kind != "table":
        x = _mapped(x, kind)
    elif kind == "video":
        x = _videos(x)
    else:
        if kind == "image" and np.ndim(x) == 2:
            _refuse(kind, np.shape(x))
        raw = from_arrays(x, y, name, dense=target is not None or y is None)
        raw.target = target
        return raw
    check_lengths(len(x), y)
    return Raw(name, x, y, kind=kind, target=target, rate=rate)


def _kind(x):
    if isinstance(x, Mapping) or hasattr(x, "keys"):
        return "table"
    if isinstance(x, (list, tuple)) and len(x):
        if isinstance(x[0], (str, bytes)):
            return "text"
        words = isinstance(x[0], (list, tuple)) and len(x[0])
        if words and isinstance(x[0][0], str) and _ragged(x):
            return "tokens"
    if isinstance(x, Rows):
        rank, kind = x.ndim, x.dtype.kind
    else:
        x = np.asarray(x)
        rank, kind = x.ndim, x.dtype.kind
    if rank == 1 and kind in "USO":
        return "text"
    return {3: "image", 4: "image", 5: "video"}.get(rank, "table")


def _check_rows(x):
    """Rows of several lengths are no array."""
    if not isinstance(x, (list, tuple)) or not x or np.ndim(x[0]) == 0:
        return
    if _ragged(x) and not (len(x[0]) and isinstance(x[0][0], str)):
        first = next(i for i, row in enumerate(x) if len(row) != len(x[0]))
        raise ValueError(
            message(
                "load",
                f"all rows of `x` must have the {len(x[0])} values of the "
                "first",
                {"row": first, "values": len(x[first])},
                'Pass kind="audio" or kind="tokens" for sequences.',
            )
        )


def _ragged(x):
    return len({len(row) for row in x}) > 1


def _labels(y, kind, pairs):
    """Labels, and what they are where they aren't a class or number."""
    if y is None:
        return None, None
    if isinstance(y, Mapping):
        return {str(key): flat(values) for key, values in y.items()}, "classes"
    if pairs:
        return np.array([text(value) for value in y], dtype=object), "text"
    if kind == "tokens" and len(y) and np.ndim(y[0]) == 1:
        return [list(row) for row in y], "tags"
    if isinstance(y, Rows) or (kind == "image" and np.ndim(y) >= 3):
        y = y if isinstance(y, (Rows, np.memmap)) else np.asarray(y)
        if y.ndim == 4 and y.shape[-1] == 1 and not isinstance(y, Rows):
            y = y[..., 0]
        return y, "mask"
    return flat(y), None


def _texts(x, _):
    found = np.asarray(x, dtype=object)
    if found.ndim != 1:
        _refuse("text", found.shape)
    for index, value in enumerate(found):
        if isinstance(value, bytes):
            try:
                found[index] = value.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    message(
                        "load",
                        f"text {index} must be UTF-8",
                        {"byte": error.start},
                    )
                ) from error
        elif not isinstance(value, str):
            raise ValueError(
                message("load", "texts must be str", {f"x[{index}]": value})
            )
    return found


def _tokens(x, _):
    return [[text(word) for word in row if text(word)] for row in x]


def _sounds(x, samples):
    ragged = not isinstance(x, (np.ndarray, Rows)) and _ragged(x)
    if not ragged:
        x = x if isinstance(x, (np.memmap, Rows)) else np.asarray(x)
        if x.ndim != 2 or x.dtype.kind not in "iuf":
            _refuse("audio", x.shape)
        if samples in (None, x.shape[1]):
            return _whole(x)
    length = samples or max(len(row) for row in x)
    out = np.zeros((len(x), length), "float32")
    for index, row in enumerate(x):
        row = np.asarray(row)
        if row.ndim != 1 or row.dtype.kind not in "iuf":
            _refuse("audio", row.shape)
        row = _unit(row)[:length]
        out[index, : len(row)] = row
    return out


def _whole(x):
    """Sounds of one length; what is mapped from the disk stays there."""
    if not isinstance(x, (np.memmap, Rows)):
        return _unit(x)
    if x.dtype == np.float32:
        return x if isinstance(x, Rows) else Rows(x)
    spool = Spool()
    for row in x:
        spool.add(_unit(np.asarray(row)))
    return spool.close()


def _unit(x):
    """Whole numbers of 16 bits become numbers in [-1, 1]."""
    if x.dtype.kind in "iu":
        return x.astype("float32") / 32768.0
    return x.astype("float32", copy=False)


def _videos(x):
    x = np.asarray(x)
    x = x[..., None] if x.ndim == 4 else x
    if x.ndim != 5 or x.shape[-1] not in (1, 3):
        _refuse("video", x.shape)
    return x


def _mapped(x, kind):
    """Rows on the disk stay there: their range is taken from their dtype."""
    if x.ndim not in _RANKS[kind] or (
        x.ndim == max(_RANKS[kind]) and x.shape[-1] not in (1, 3)
    ):
        _refuse(kind, x.shape)
    x = x if isinstance(x, Rows) else Rows(x)
    if x.ndim == min(_RANKS[kind]):
        _refuse(kind, x.shape)
    return x


def _refuse(kind, shape):
    shapes = {
        "image": "(n, height, width), or with 1 or 3 channels",
        "video": "(n, frames, height, width), or with 1 or 3 channels",
        "audio": "(n, samples), numbers",
        "text": "(n,)",
    }
    raise ValueError(
        message(
            "load",
            f"`x` of kind {kind!r} must have the shape {shapes[kind]}",
            {"x": tuple(shape)},
        )
    )
