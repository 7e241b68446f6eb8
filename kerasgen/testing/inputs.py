"""Checks of augmentations and corruptions."""

import functools

import numpy as np
import tensorflow as tf

from kerasgen.core import Float, table
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample


def _made(kind, part, **values):
    """The part as data would hand it what they know."""
    made = sample(kind, part, **values)
    return made.bind(high=255.0, sample_rate=8000, classes=3)


@functools.lru_cache(maxsize=1)
def _plain(kind, part):
    """One part for the checks that follow each other: it compiles once."""
    return _made(kind, part)


def _fields(part, n=8):
    """Small fields of the kind that a part takes."""
    random = np.random.default_rng(0)
    y = tf.constant(np.arange(n) % 3)
    if part.stage == "raw" and part.kind in _RAW:
        x = _RAW[part.kind](random, n)
    elif part.kind == "image" or part.stage == "batch":
        x = _images(random, n)
    elif part.kind == "audio":
        x = tf.constant(random.normal(size=(n, 12, 8)), tf.float32)
    elif part.kind == "video":
        x = tf.cast(_videos(random, n), tf.float32)
    else:
        x = tf.constant(random.normal(size=(n, 6)), tf.float32)
    return {"x": x, "y": y, "weight": tf.ones(n)}


def _images(random, n):
    """Smooth coloured patches: noise alone would hide a blur."""
    rough = random.integers(0, 256, (n, 8, 8, 3)).astype("float32")
    smooth = tf.image.resize(rough, (32, 32), "bicubic")
    return tf.cast(tf.clip_by_value(smooth, 0.0, 255.0), tf.uint8)


def _videos(random, n):
    frames = [_images(random, n)[:, :16, :16] for _ in range(4)]
    return tf.stack(frames, 1)


def _sounds(random, n):
    time = np.arange(4000) / 8000
    pitch = 200 + 100 * np.arange(n)[:, None]
    tone = 0.3 * np.sin(2 * np.pi * pitch * time)
    tone += random.normal(0, 0.02, tone.shape)
    return tf.constant(tone, tf.float32)


def _texts(random, n):
    words = "a quick brown fox jumps over the good lazy dog today".split()
    drawn = [" ".join(random.choice(words, 12)) for _ in range(n)]
    return tf.constant(drawn)


def _rows(random, n):
    return {
        "a": tf.constant(random.normal(size=n), tf.float32),
        "b": tf.constant(["x", "y"] * (n // 2)),
    }


_RAW = {
    "image": _images,
    "video": _videos,
    "audio": _sounds,
    "text": _texts,
    "table": _rows,
}


def _flat(fields):
    return tf.nest.flatten(fields["x"])


def _same(one, two):
    return all(
        np.array_equal(a.numpy(), b.numpy(), equal_nan=a.dtype.is_floating)
        for a, b in zip(_flat(one), _flat(two), strict=True)
    )


def check_is_pure(kind, part):
    """The same seed gives the same; the fields handed in stay as they are."""
    made, fields = _plain(kind, part), _fields(part)
    first, second = made(fields, [1, 2]), made(fields, [1, 2])
    expect(
        _same(first, second), f"{part.__name__}: one seed must give one result"
    )
    expect(
        _same(fields, _fields(part)), f"{part.__name__}: its input must stay"
    )


def check_keeps_form(kind, part):
    """Shapes, types, range, labels and weights are kept."""
    made, fields = _plain(kind, part), _fields(part)
    out = made(fields, [1, 2])
    for before, after in zip(_flat(fields), _flat(out), strict=True):
        expect(
            before.shape == after.shape, f"{part.__name__}: shape must be kept"
        )
        expect(
            before.dtype == after.dtype, f"{part.__name__}: dtype must be kept"
        )
    if part.stage != "batch":
        expect(np.array_equal(out["y"], fields["y"]), "labels must be kept")
    expect(
        out["weight"].shape == fields["weight"].shape, "weights must be kept"
    )


def check_runs_in_tf_data(kind, part):
    """In a parallel map it gives what it gives outside, with unknown sizes."""
    made, fields = _plain(kind, part), _fields(part)
    data = tf.data.Dataset.from_tensors(fields).repeat(4).enumerate()
    data = data.map(
        lambda i, f: made(f, tf.stack([tf.cast(i, tf.int32), 7])),
        num_parallel_calls=4,
    )
    for index, out in enumerate(data):
        alone = made(fields, [index, 7])
        for a, b in zip(_flat(out), _flat(alone), strict=True):
            if a.dtype.is_floating or a.dtype.is_integer:
                gap = np.nanmax(
                    np.abs(np.subtract(a, b, dtype="float64")), initial=0
                )
                expect(
                    gap <= 1e-4 + (a.dtype == tf.uint8),
                    f"{part.__name__} in a map",
                )


def check_takes_one_example(kind, part):
    """One example goes in and comes out without a batch axis."""
    if part.stage == "batch":
        return
    made, fields = _plain(kind, part), _fields(part)
    one = tf.nest.map_structure(lambda t: t[0], fields)
    out = made(one, [1, 2])
    for before, after in zip(_flat(one), _flat(out), strict=True):
        expect(
            before.shape == after.shape, f"{part.__name__}: one example must do"
        )


def check_strength_zero_is_identity(kind, part):
    """With each searched number at its least, nothing changes."""
    least = {
        name: bounds.low
        for name, bounds in table(part).items()
        if isinstance(bounds, Float) and bounds.search is not None
    }
    expect(
        least, f"{part.__name__}: a search must be able to vary its strength"
    )
    fields = _fields(part)
    out = _made(kind, part, **least)(fields, [1, 2])
    expect(
        _same(out, fields), f"{part.__name__}: strength 0 must change nothing"
    )


def check_draws_differ(kind, part):
    """Another seed, and another example of the batch, gets another draw."""
    made, fields = _plain(kind, part), _fields(part, 32)
    one, two = made(fields, [1, 2]), made(fields, [3, 4])
    expect(not _same(one, two), f"{part.__name__}: another seed, another draw")


def check_severity_orders(kind, part):
    """A greater severity is farther from the original."""
    fields, gaps = _fields(part, 64), []
    for severity in (1, 3, 5):
        out = _made(kind, part, severity=severity)(fields, [1, 2])
        gaps.append(_distance(fields["x"], out["x"]))
    if not getattr(part, "ordered", True):
        # Some published severities differ in kind, not only in distance.
        different = min(gaps) > 0.0 and len(set(gaps)) == len(gaps)
        expect(different, f"{part.__name__}: severities must differ: {gaps}")
        return
    ordered = gaps[0] <= gaps[1] <= gaps[2] and gaps[0] < gaps[2]
    expect(
        ordered, f"{part.__name__}: severity must order the distance: {gaps}"
    )


def _distance(before, after):
    total = 0.0
    for a, b in zip(
        tf.nest.flatten(before), tf.nest.flatten(after), strict=True
    ):
        a, b = a.numpy(), b.numpy()
        if a.dtype == object:
            total += float(np.mean(a != b))
            continue
        gap = np.abs(a.astype("float64") - b.astype("float64"))
        total += float(np.mean(np.where(np.isnan(gap), 10.0, gap)))
    return total


_BOTH = (
    check_is_pure,
    check_keeps_form,
    check_runs_in_tf_data,
    check_takes_one_example,
)
AUGMENT_CHECKS = (*_BOTH, check_strength_zero_is_identity, check_draws_differ)
CORRUPTION_CHECKS = (*_BOTH, check_severity_orders)
