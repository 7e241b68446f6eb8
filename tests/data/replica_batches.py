"""Run in a fresh process: two replicas get the batches of one, in parts."""

import sys

import numpy as np
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

import kerasgen as kg  # noqa: E402

data = kg.data.load("wine")
strategy = tf.distribute.MirroredStrategy(["cpu:0", "cpu:1"])


def parts(value):
    found = strategy.experimental_local_results(value)
    return np.concatenate([np.asarray(part) for part in found])


def same(augment, inside, epoch):
    alone = data.batches("train", 32, augment=augment, epoch=epoch)
    if inside:
        with strategy.scope():
            shared = data.batches("train", 32, augment=augment)
            shared.epoch.assign(epoch - 1)
    else:
        shared = data.batches("train", 32, augment=augment, epoch=epoch)
    shared = strategy.experimental_distribute_dataset(shared)
    return all(
        np.array_equal(parts(a), b)
        for one, two in zip(shared, alone, strict=True)
        for a, b in zip(one, two, strict=True)
    )


noise = [kg.augment.Noise(0.1)]
answers = [same((), False, 0), same((), True, 3), same(noise, True, 2)]
sys.stdout.write("RESULT " + " ".join(map(str, answers)) + "\n")
