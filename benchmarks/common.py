"""What the benchmarks share."""

import numpy as np
import scipy.stats

import kerasgen as kg


def mean_and_half(values):
    """Mean and half of the 95 % interval of a few seeds, by Student's t."""
    values = np.asarray(values, "float64")
    half = scipy.stats.sem(values) * scipy.stats.t.ppf(0.975, len(values) - 1)
    return float(values.mean()), float(half)


def interval(values):
    """Writes a mean with its 95 % interval; one seed has none."""
    if len(values) < 2:
        return f"{np.mean(values):.3f}"
    mean, half = mean_and_half(values)
    return f"{mean:.3f} +- {half:.3f}"


def mnist(folder):
    """MNIST's train and test: images (n, 28, 28, 1) of bytes, and labels."""
    with np.load(folder / "mnist" / "mnist.npz") as z:
        return tuple(
            (z[f"x_{part}"][..., None], z[f"y_{part}"].astype("int64"))
            for part in ("train", "test")
        )


def unpacked(folder, part, limit=None):
    """CIFAR-10's images and labels, out of one file of JPEGs."""
    import tensorflow as tf

    with np.load(folder / "cifar10" / f"cifar10_{part}_jpeg.npz") as z:
        packed, ends, y = z["jpeg"], z["offsets"], z["label"][:limit]
    x = [
        tf.io.decode_jpeg(packed[a:b].tobytes(), 3).numpy()
        for a, b in zip(ends[: len(y)], ends[1 : len(y) + 1], strict=True)
    ]
    return np.stack(x), y


def learn(method, x, y, there, *, seed, batch, epochs):
    """Trains a method on arrays: all of a source, and a target's inputs.

    Keras draws both by one order, so the target's are dealt anew until they
    are as many as the source's.

    Returns:
        float array (m, units), the model's logits for the target.
    """
    random = np.random.default_rng(seed)
    deals = -(-len(x) // len(there))
    order = [random.permutation(len(there)) for _ in range(deals)]
    other = there[np.concatenate(order)[: len(x)]]
    method.fit(
        {"inputs": x, "unlabeled": other} if method.needs else x,
        y,
        batch_size=min(batch, len(x)),
        epochs=epochs,
        verbose=0,
        callbacks=kg.callbacks.standard(patience=None),
    )
    if isinstance(method, kg.methods.AdaBN):
        # As algorithm 1 has it: all of the target, the weights at rest.
        kg.callbacks.refresh_statistics(method, [there])
    return np.asarray(method.model(there, training=False))


def residual_net(shape, classes, width=16):
    """A small residual net, in plain Keras."""
    import keras

    layers = keras.layers

    def convolved(x, filters, stride=1):
        x = layers.Conv2D(filters, 3, stride, "same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    inputs = keras.Input(shape)
    x = layers.ReLU()(convolved(inputs, width))
    for stage in range(3):
        filters = width * 2**stage
        held = x
        x = layers.ReLU()(convolved(x, filters, 2 if stage else 1))
        x = convolved(x, filters)
        if stage:
            held = layers.AveragePooling2D(2, padding="same")(held)
            held = layers.Conv2D(filters, 1, use_bias=False)(held)
        x = layers.ReLU()(layers.Add()([x, held]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, name="head")(x))
