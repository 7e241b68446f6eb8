"""What an answer costs: parameters, operations, bytes, milliseconds."""

import os
import pathlib
import tempfile
import time

import numpy as np
import tensorflow as tf

from kerasgen.core import Float, register, say
from kerasgen.evaluate.probe import Answer, Probe
from kerasgen.evaluate.row import Row
from kerasgen.metrics import median

# Operations of work that TensorFlow's profiler has no count for.
_UNCOUNTED = (
    "Einsum",
    "FFT",
    "FusedBatchNormV3",
    "PartitionedCall",
    "RFFT",
    "StatefulPartitionedCall",
    "StatelessWhile",
    "While",
)


@register("probe")
class Cost(Probe):
    """Measures size and speed.

    Latency is the median over single calls of the compiled forward pass, from
    a tensor on the device to an array in memory, after a few calls to warm
    up. It holds for this machine alone.

    Args:
        seed: int >= 0, not used; every probe takes it.
        draws: int >= 100, not used; every probe takes it.
        seconds: float in [0.05, 60], the time for the calls at each of the
            two batch sizes.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Dehghani et al., "The Efficiency Misnomer", 2021, arXiv:2110.12894:
        no cost indicator stands for the others.

    Example:
        >>> Cost(seconds=0.5).seconds
        0.5
    """

    arguments = {**Probe.arguments, "seconds": Float(0.05, 60.0)}
    reads_outputs = False

    def __init__(self, seed=0, draws=1000, seconds=1.0):
        super().__init__(seed, draws, seconds=seconds)

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with five rows."""
        x = np.asarray(data.tensors(split, limit=256)[0], "float32")
        rows = [self._exact("parameters", model.count_params(), "count")]
        count, missing = flops(model, x.shape[1:])
        rows.append(self._exact("flops", count, "FLOP", missing))
        rows.append(self._exact("size", size(model), "byte"))
        times = {}
        for batch in (1, 256):
            calls = latency(model, np.resize(x, (batch, *x.shape[1:])), self)
            metric = f"latency_{batch}"
            value, n = float(np.median(calls)), len(calls)
            rows.append(
                Row(self.name, metric, value, *median(calls), n, "ms", "lower")
            )
            times[metric] = [float(f"{call:.6g}") for call in calls]
        table = {"device": device(), "cores": os.cpu_count(), "calls": times}
        return Answer(tuple(rows), {"cost": table})

    def _exact(self, metric, value, unit, why=None):
        if value is None:
            return self.absent(metric, why)
        return Row(
            self.name, metric, value, value, value, 1, unit, "lower", why=why
        )


def flops(model, shape):
    """Counts the floating-point operations of one example.

    A multiplication and an addition count as two.

    Args:
        model: keras.Model from (batch, *shape).
        shape: tuple of int, one example's shape.

    Returns:
        Pair of int and str: the count, or None where TensorFlow can't give
        one, and what it leaves out, or None.

    Example:
        >>> import keras
        >>> inputs = keras.Input((8,))
        >>> layer = keras.layers.Dense(4, use_bias=False)
        >>> flops(keras.Model(inputs, layer(inputs)), (8,))
        (64, None)
    """
    forward = tf.function(lambda x: model(x, training=False), autograph=False)
    log = tf.get_logger()
    level = log.level
    log.setLevel("ERROR")
    try:
        graph = forward.get_concrete_function(
            tf.TensorSpec((1, *shape), tf.float32)
        ).graph
        builder = tf.compat.v1.profiler.ProfileOptionBuilder
        options = builder(builder.float_operation()).with_empty_output()
        found = tf.compat.v1.profiler.profile(graph, options=options.build())
    except Exception as error:
        reason = str(error).splitlines() or [""]
        return None, f"TensorFlow's profiler failed: {reason[0][:120]}"
    finally:
        log.setLevel(level)
    types = {operation.type for operation in graph.get_operations()}
    missing = sorted(types.intersection(_UNCOUNTED))
    why = f"not counted: {', '.join(missing)}" if missing else None
    return int(found.total_float_ops), why


def size(model):
    """Gives the bytes of the model's `.keras` file.

    Args:
        model: keras.Model.

    Returns:
        int.

    Example:
        >>> import keras
        >>> inputs = keras.Input((8,))
        >>> size(keras.Model(inputs, keras.layers.Dense(4)(inputs))) > 144
        True
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        return path.stat().st_size


def latency(model, x, plan, calls=30, least=7):
    """Times single calls of the forward pass.

    Args:
        model: keras.Model.
        x: float32 array (batch, ...), what is predicted.
        plan: Cost, or whatever has `seconds`, the time after which no further
            call is made.
        calls: int, the most calls.
        least: int, the fewest, however long they take.

    Returns:
        List of float, milliseconds.

    Example:
        >>> import keras
        >>> inputs = keras.Input((2,))
        >>> model = keras.Model(inputs, keras.layers.ReLU()(inputs))
        >>> len(latency(model, np.zeros((1, 2), "float32"), Cost(), calls=8))
        8
    """
    forward = tf.function(
        lambda batch: model(batch, training=False), autograph=False
    )
    x = tf.constant(x)
    start = time.perf_counter()
    for _ in range(3):
        _wait(forward(x))
    say("cost: batch %d ready in %.2f s", len(x), time.perf_counter() - start)
    times, start = [], time.perf_counter()
    while len(times) < calls:
        if len(times) >= least and time.perf_counter() - start > plan.seconds:
            break
        begin = time.perf_counter()
        _wait(forward(x))
        times.append(1000.0 * (time.perf_counter() - begin))
    return times


def _wait(outputs):
    """Reads outputs, so that they must be there."""
    for output in tf.nest.flatten(outputs):
        output.numpy()


def device():
    """Names what TensorFlow computes on.

    Returns:
        str.

    Example:
        >>> isinstance(device(), str)
        True
    """
    cards = tf.config.list_physical_devices("GPU")
    if not cards:
        return "CPU"
    details = tf.config.experimental.get_device_details(cards[0])
    return details.get("device_name", "GPU")
