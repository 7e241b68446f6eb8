"""Run in a fresh process: two replicas beside one, or under every method.

With the name of a step it prints the largest gap of one and two replicas; with
"every" it trains every method on two and prints those that fail or part ways.
"""

import sys

import numpy as np
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

import keras  # noqa: E402

from kerasgen import core, methods, models, tasks  # noqa: E402
from kerasgen.testing.methods import _batches  # noqa: E402
from kerasgen.testing.subjects import sample  # noqa: E402

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
Y = (X.sum(1) > 0).astype("int64")


def weights(replicas, step):
    devices = [f"cpu:{index}" for index in range(replicas)]
    core.set_seed(1)
    with tf.distribute.MirroredStrategy(devices).scope():
        inputs = keras.Input((6,))
        x = keras.layers.Dense(8, "tanh")(inputs)
        model = keras.Model(inputs, keras.layers.Dense(2, name="head")(x))
        method = methods.ERM(model, tasks.Classification(2), step=step)
        method.compile({"name": "sgd", "learning_rate": 0.1})
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(64)
    history = method.fit(data, epochs=3, verbose=0).history
    return np.concatenate([w.ravel() for w in model.get_weights()]), history


def beside_one(step):
    one, first = weights(1, step)
    two, second = weights(2, step)
    losses = np.abs(np.subtract(first["loss"], second["loss"])).max()
    sys.stdout.write(f"RESULT {np.abs(one - two).max():.3e} {losses:.3e}\n")


def clustering():
    """A head of centres, which begin in the middle of the training."""
    model = models.clusterer((6,), 3, size="tiny")
    return methods.DEC(model, tasks.Clustering(3), warm_up=4)


def under(strategy, make):
    """What goes wrong where a method trains on two replicas, or ""."""
    core.set_seed(1)
    with strategy.scope():
        method = make()
        method.compile("adam")
    history = method.fit(_batches(method), epochs=2, verbose=0).history
    if not np.isfinite(history["loss"]).all():
        return f"losses {history['loss']}"
    for variable in method.model.trainable_variables:
        one, two = strategy.experimental_local_results(variable.value)
        if not np.array_equal(one, two):
            return f"{variable.path} differs by {np.abs(one - two).max()}"
    return ""


def every():
    strategy = tf.distribute.MirroredStrategy(["cpu:0", "cpu:1"])
    known = core.parts("method")
    makes = {n: lambda p=p: sample("method", p) for n, p in known.items()}
    for name, make in {**makes, "dec of centres": clustering}.items():
        try:
            found = under(strategy, make)
        except Exception as error:
            found = f"{type(error).__name__}: {str(error)[:300]}"
        if found:
            sys.stdout.write(f"FAILED {name}: {found}\n")
    sys.stdout.write(f"DONE {len(makes)}\n")


if __name__ == "__main__":
    every() if sys.argv[1] == "every" else beside_one(sys.argv[1])
