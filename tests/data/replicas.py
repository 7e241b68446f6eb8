"""Run in a fresh process: batches on two replicas, an epoch at a time."""

import sys

import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

import kerasgen as kg  # noqa: E402

kg.core.set_seed(0)
data = kg.data.load("wine")
with tf.distribute.MirroredStrategy(["cpu:0", "cpu:1"]).scope():
    model = kg.tabular_classifier(data.shape, 3, size="tiny")
    method = kg.methods.ERM(model, data.task)
    method.compile("adam")
callbacks = kg.callbacks.standard()
history = method.fit(
    data.batches("train"),
    validation_data=data.batches("stop"),
    epochs=3,
    callbacks=callbacks,
    verbose=0,
).history
if history["loss"][-1] < history["loss"][0]:
    sys.stdout.write("RESULT\n")
