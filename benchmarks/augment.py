"""Images a second: Keras, albumentations and kerasgen side by side.

    python benchmarks/augment.py [NAME ...] [--seconds 1.0] [--markdown]

Every contestant feeds one `tf.data` pipeline of 32 images a batch (128 at 32
pixels, where the pipeline itself would be measured otherwise), two calls in
parallel, the settings alike: Keras's layers on batches and on single
images, of which the faster counts; albumentations through `numpy_function`
on single images; kerasgen on batches. The contestants of a row are timed
right after each other. A ratio is kerasgen's rate over the other's. Keras's
AugMix draws its chains once, when it is traced, and its rate with them: the
mean of four traces is shown.

What limits kerasgen: a move of values costs one read and one write of the
image by way of a table (0.1 ms at 224 pixels on one core; a plain copy takes
0.03), and a chain of geometric moves one bilinear resampling, whose four
gathers and twelve products for each pixel take 0.4 ms, about a third of what
the memory would allow. A policy is near the sum of the two, weighted by how
often they are drawn; nothing is computed that wasn't drawn.
"""

import argparse
import os
import time
import types

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Nothing is looked up on a network while times are taken.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import kerasgen as kg  # noqa: E402

CALLS, CLASSES, TRACES = 2, 10, 4


def rows(top):
    """Name: (kerasgen, Keras or None, albumentations or None), all alike."""
    k, a = keras.layers, kg.augment
    span = {"value_range": (0, top)}
    try:
        import albumentations as b
    except ImportError:
        b = None
    found = {
        "flip": (a.Flip(), k.RandomFlip("horizontal"), "HorizontalFlip"),
        "translation": (
            a.Translate(0.1),
            k.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
            ("Affine", {"translate_percent": (-0.1, 0.1), "p": 1}),
        ),
        "rotation": (
            a.Rotate(18),
            k.RandomRotation(0.05, fill_mode="nearest"),
            ("Rotate", {"limit": 18, "p": 1}),
        ),
        "shear": (
            a.Shear(0.2),
            k.RandomShear(0.2, 0.2, fill_mode="nearest"),
            ("Affine", {"shear": (-11, 11), "p": 1}),
        ),
        "zoom": (
            a.Zoom(0.2),
            k.RandomZoom((-0.2, 0.2), fill_mode="nearest"),
            ("Affine", {"scale": (0.8, 1.2), "p": 1}),
        ),
        "perspective": (
            a.Perspective(0.3),
            k.RandomPerspective(1.0, 0.3),
            ("Perspective", {"scale": (0.02, 0.15), "p": 1}),
        ),
        "pad and crop": (a.Crop(0.125, "zero"), "crop", None),
        "elastic": (
            a.Elastic(0.05),
            k.RandomElasticTransform(1.0, 1.0),
            ("ElasticTransform", {"alpha": 50, "sigma": 8, "p": 1}),
        ),
        "brightness": (
            a.Brightness(0.2),
            k.RandomBrightness(0.2, **span),
            ("RandomBrightnessContrast", {"contrast_limit": 0, "p": 1}),
        ),
        "contrast": (
            a.Contrast(0.2),
            k.RandomContrast(0.2, **span),
            ("RandomBrightnessContrast", {"brightness_limit": 0, "p": 1}),
        ),
        "saturation": (
            a.Saturation(0.3),
            k.RandomSaturation((0.35, 0.65), **span),
            ("ColorJitter", {"brightness": 0, "contrast": 0, "hue": 0, "p": 1}),
        ),
        "hue": (
            a.Hue(0.05),
            k.RandomHue(0.05, **span),
            ("HueSaturationValue", {"p": 1}),
        ),
        "grayscale": (a.Grayscale(0.5), k.RandomGrayscale(0.5), "ToGray"),
        "color jitter": (
            a.ColorJitter(0.2, 0.2, 0.2, 0.03),
            k.RandomColorJitter((0, top), 0.2, 0.2, (0.4, 0.6), 0.03),
            ("ColorJitter", {"hue": (-0.03, 0.03), "p": 1}),
        ),
        "invert": (a.Invert(0.5), k.RandomInvert(0.5, (0, top)), "InvertImg"),
        "posterization": (
            a.Posterize(1.0, 4),
            k.RandomPosterization(4, (0, top)),
            ("Posterize", {"num_bits": 4, "p": 1}),
        ),
        "solarization": (
            a.Solarize(1.0, 0.5),
            k.Solarization(0.0, (0.5, 0.5), **span),
            ("Solarize", {"p": 1}),
        ),
        "auto contrast": (
            a.AutoContrast(1.0),
            k.AutoContrast((0, top)),
            ("AutoContrast", {"p": 1}),
        ),
        "equalization": (
            a.Equalize(1.0),
            k.Equalization((0, top)),
            ("Equalize", {"p": 1}),
        ),
        "CLAHE": (a.CLAHE(1.0), None, ("CLAHE", {"p": 1})),
        "sharpness": (
            a.Sharpness(0.5),
            k.RandomSharpness(0.5, (0, top)),
            ("Sharpen", {"p": 1}),
        ),
        "gaussian blur": (
            a.GaussianBlur(1.0, 1.5),
            k.RandomGaussianBlur(1.0, 11, (0.1, 1.5), **span),
            ("GaussianBlur", {"sigma_limit": (0.1, 1.5), "p": 1}),
        ),
        "motion blur": (a.MotionBlur(1.0), None, ("MotionBlur", {"p": 1})),
        "gaussian noise": (
            a.GaussianNoise(0.1),
            k.GaussianNoise(0.05),
            ("GaussNoise", {"p": 1}),
        ),
        "erasing": (
            a.Erase(1.0),
            k.RandomErasing(1.0, **span),
            ("CoarseDropout", {"num_holes_range": (1, 1), "p": 1}),
        ),
        "mixup": (a.MixUp(0.2), k.MixUp(0.2), None),
        "cutmix": (a.CutMix(), k.CutMix(), None),
        "RandAugment": (
            a.RandAugment(0.5),
            k.RandAugment((0, top), 2, 0.5),
            "rand_augment",
        ),
        "AugMix": (a.AugMix(0.3), k.AugMix((0, top)), None),
        "standard policy": (a.standard(), None, "policy"),
    }
    return {
        name: (ours, theirs, _album(b, third, top))
        for name, (ours, theirs, third) in found.items()
    }


def _album(b, spec, top):
    if b is None or spec is None:
        return None
    if spec == "rand_augment":
        return _some(b)
    if spec == "policy":
        return lambda side: b.Compose(
            [
                b.RandomResizedCrop((side, side), (0.6, 1.0)),
                b.HorizontalFlip(),
                _some(b),
                b.CoarseDropout(num_holes_range=(1, 1), p=0.25),
            ]
        )
    name, values = (spec, {"p": 0.5}) if isinstance(spec, str) else spec
    return getattr(b, name)(**values)


def _some(b):
    """RandAugment's operations: two of them, at half their range."""
    both = {"contrast_limit": 0, "brightness_limit": 0}
    return b.SomeOf(
        [
            b.NoOp(),
            b.AutoContrast(p=1),
            b.Equalize(p=1),
            b.Rotate(15, p=1),
            b.Posterize(6, p=1),
            b.Solarize(p=1),
            b.ColorJitter(0, 0, (0.55, 1.45), 0, p=1),
            b.RandomBrightnessContrast(**{**both, "contrast_limit": 0.45}, p=1),
            b.RandomBrightnessContrast(
                **{**both, "brightness_limit": 0.45}, p=1
            ),
            b.Sharpen(p=1),
            b.Affine(shear={"x": (-9, 9), "y": 0}, p=1),
            b.Affine(shear={"x": 0, "y": (-9, 9)}, p=1),
            b.Affine(translate_percent={"x": (-0.2, 0.2), "y": 0}, p=1),
            b.Affine(translate_percent={"x": 0, "y": (-0.2, 0.2)}, p=1),
        ],
        n=2,
        replace=True,
        p=1,
    )


def images(side, floating):
    random = np.random.default_rng(0)
    count = 32 if side > 64 else 128
    rough = random.integers(0, 256, (count, 8, 8, 3)).astype("float32")
    x = tf.image.resize(rough, (side, side), "bicubic")
    x = tf.cast(tf.clip_by_value(x, 0, 255), tf.uint8)
    return tf.cast(x, tf.float32) / 255.0 if floating else x


def speed(data, seconds, size=1):
    """Elements a second of a data set that repeats."""
    walk = iter(data)
    next(walk)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        next(walk)
        count += size
    return count / (time.perf_counter() - start)


def ours(parts, x, seconds):
    y = tf.range(len(x)) % CLASSES
    data = tf.data.Dataset.from_tensors((x, y)).repeat()
    parts = parts if isinstance(parts, list) else [parts]
    if len(parts) > 1:
        parts = [kg.augment.Chain(parts[:-1]), parts[-1]]
    high = 1.0 if x.dtype.is_floating else None
    parts = [part.bind(high=high, classes=CLASSES) for part in parts]

    def move(i, fields):
        for place, part in enumerate(parts):
            seed = tf.stack([tf.cast(i, tf.int32), place])
            fields = part(fields, seed)
        return fields

    data = data.enumerate().map(move, num_parallel_calls=CALLS)
    return speed(data.prefetch(2), seconds, len(x))


def keras_speed(layer, x, seconds):
    side = x.shape[1]
    if layer == "crop":
        layer = _pad_and_crop(side)
    if isinstance(layer, keras.layers.AugMix):
        layers = [layer.from_config(layer.get_config()) for _ in range(TRACES)]
        return np.mean([_keras_speed(one, x, seconds) for one in layers])
    return _keras_speed(layer, x, seconds)


def _keras_speed(layer, x, seconds):
    mixing = isinstance(layer, (keras.layers.MixUp, keras.layers.CutMix))
    whole = tf.data.Dataset.from_tensors(x).repeat()
    if mixing:
        y = tf.one_hot(tf.range(len(x)) % CLASSES, CLASSES)

        def move(x):
            return layer({"images": x, "labels": y}, training=True)

    else:

        def move(x):
            return layer(x, training=True)

    best = speed(
        whole.map(move, num_parallel_calls=CALLS).prefetch(2), seconds, len(x)
    )
    if mixing:
        return best
    single = tf.data.Dataset.from_tensor_slices(x).repeat()
    single = single.map(move, num_parallel_calls=CALLS).batch(len(x))
    return max(best, speed(single.prefetch(2), seconds, len(x)))


def _pad_and_crop(side):
    crop, pad = keras.layers.RandomCrop(side, side), side // 8

    def layer(x, training):
        around = [[0, 0]] * (len(x.shape) - 3) + [
            [pad, pad],
            [pad, pad],
            [0, 0],
        ]
        return crop(tf.pad(x, around), training=training)

    return layer


def album_speed(transform, x, seconds, mix):
    if isinstance(transform, types.FunctionType):
        transform = transform(x.shape[1])

    def run(image):
        return transform(image=image)["image"].astype(image.dtype, copy=False)

    def move(image):
        out = tf.numpy_function(run, [image], image.dtype)
        return tf.ensure_shape(out, image.shape)

    data = tf.data.Dataset.from_tensor_slices(x).repeat()
    data = data.map(move, num_parallel_calls=CALLS).batch(len(x))
    if mix:
        data = data.map(_mixed, num_parallel_calls=CALLS)
    return speed(data.prefetch(2), seconds, len(x))


def _mixed(x):
    """Mixup by hand, as one would write it."""
    share = tf.random.uniform((tf.shape(x)[0], 1, 1, 1))
    one = tf.cast(x, tf.float32)
    mixed = one * share + tf.reverse(one, [0]) * (1.0 - share)
    return tf.cast(mixed, x.dtype)


def measure(name, row, side, floating, seconds):
    x = images(side, floating)
    mine, theirs, third = row
    found = {"kerasgen": ours(mine, x, seconds)}
    for key, function, part, extra in (
        ("keras", keras_speed, theirs, ()),
        ("album", album_speed, third, (name == "standard policy",)),
    ):
        if part is None:
            continue
        try:
            found[key] = function(part, x, seconds, *extra)
        except Exception as error:
            found[key] = None
            text = str(error).split("\n")[0][:80]
            print(f"  {name}: {key} fails: {text}")
    return found


def show(name, side, floating, found, markdown):
    kind = "float" if floating else "uint8"
    cells = [name, f"{side} {kind}", f"{found['kerasgen']:,.0f}"]
    for key in ("keras", "album"):
        rate = found.get(key)
        cells += (
            ["-", "-"]
            if not rate
            else [f"{rate:,.0f}", f"{found['kerasgen'] / rate:.1f}x"]
        )
    if markdown:
        print("| " + " | ".join(cells) + " |", flush=True)
    else:
        row = "{:16} {:10} {:>10} {:>10} {:>8} {:>10} {:>8}"
        print(row.format(*cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="rows; all by default")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--sides", type=int, nargs="+", default=[224, 32])
    parser.add_argument("--dtypes", nargs="+", default=["uint8", "float"])
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    heads = ("move", "images", "kerasgen", "Keras", "", "albument.", "")
    if args.markdown:
        print(
            "| move | images | kerasgen | Keras | ratio | albumentations |"
            " ratio |\n|---|---|---|---|---|---|---|"
        )
    else:
        print("{:16} {:10} {:>10} {:>10} {:>8} {:>10} {:>8}".format(*heads))
    for side in args.sides:
        for kind in args.dtypes:
            floating = kind == "float"
            table = rows(1.0 if floating else 255)
            for name in args.names or table:
                keras.backend.clear_session()
                row = table[name]
                found = measure(name, row, side, floating, args.seconds)
                show(name, side, floating, found, args.markdown)


if __name__ == "__main__":
    main()
