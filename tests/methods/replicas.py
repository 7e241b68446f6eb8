"""Run in a fresh process: prints the largest gap of one and two replicas."""

import sys

import numpy as np
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

import keras  # noqa: E402

from kerasgen import core, methods, tasks  # noqa: E402

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


one, first = weights(1, sys.argv[1])
two, second = weights(2, sys.argv[1])
losses = np.abs(np.subtract(first["loss"], second["loss"])).max()
sys.stdout.write(f"RESULT {np.abs(one - two).max():.3e} {losses:.3e}\n")
