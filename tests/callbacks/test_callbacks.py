"""callbacks: averages by hand, the schedule, stopping, checkpoints, NaN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen import callbacks, methods, models, tasks
from kerasgen.core import set_seed

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
Y = (X.sum(1) > 0).astype("int64")


def make(step="descent", rate=0.05):
    set_seed(0)
    model = models.tabular_classifier((6,), 2, size="tiny")
    method = methods.ERM(model, tasks.Classification(2), step=step)
    method.compile({"name": "adam", "learning_rate": rate})
    return method


def data():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


class Watch(keras.callbacks.Callback):
    """Notes the weights after every batch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        variables = self.model.weights
        self.seen.append(
            [keras.ops.convert_to_numpy(v).copy() for v in variables]
        )


def test_average_is_the_exponential_moving_average():
    method, watch = make(), Watch()
    start = method.get_weights()
    average = callbacks.Average(0.8)
    method.fit(
        data(),
        epochs=3,
        verbose=0,
        callbacks=[average, watch],
        validation_data=data(),
    )
    expected = start
    for step, weights in enumerate(watch.seen, 1):
        m = min(0.8, (1 + step) / (10 + step))
        expected = [
            m * e + (1 - m) * w for e, w in zip(expected, weights, strict=True)
        ]
    for value, variable in zip(expected, method.weights, strict=True):
        assert np.allclose(
            value, keras.ops.convert_to_numpy(variable), atol=1e-6
        )


def test_average_does_not_change_the_path():
    paths = []
    for chosen in ([], [callbacks.Average(0.9)]):
        method, watch = make(), Watch()
        method.fit(
            data(),
            epochs=2,
            verbose=0,
            callbacks=[*chosen, watch],
            validation_data=data(),
        )
        paths.append(watch.seen)
    for one, two in zip(*paths, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_one_average_is_kept_over_two_trainings():
    method = make()
    for average in (callbacks.Average(0.8), callbacks.Average(0.9)):
        method.fit(data(), epochs=1, verbose=0, callbacks=[average])
    assert [hook.__self__ for hook in method.hooks] == [average]


def test_average_of_a_plain_model_is_refused():
    model = models.tabular_classifier((6,), 2, size="tiny")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
    with pytest.raises(TypeError, match="SwapEMAWeights"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.Average(0.5)])


def test_schedule_rises_then_falls():
    schedule = callbacks.WarmUpCosine(warm_up=0.25, final=0.1)
    shares = [schedule.share(step, 100) for step in range(100)]
    assert np.allclose(shares[:25], np.arange(1, 26) / 25)
    cosine = 0.1 + 0.9 * 0.5 * (1 + np.cos(np.pi * np.arange(75) / 75))
    assert np.allclose(shares[25:], cosine)


def test_schedule_sets_the_rate():
    method = make(rate=0.1)
    rates = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda b, logs: rates.append(
            float(method.optimizer.learning_rate)
        )
    )
    schedule = callbacks.WarmUpCosine(0.5, 0.0)
    method.fit(data(), epochs=2, verbose=0, callbacks=[schedule, note])
    assert np.allclose(rates, [0.1 * schedule.share(i, 8) for i in range(8)])


def test_early_stop_keeps_the_best_weights():
    method = make()
    stop = callbacks.EarlyStop(patience=2)
    values = iter([3.0, 1.0, 2.0, 2.0, 0.5])
    weights = []

    class Fake(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = next(values)
            weights.append(method.get_weights())

    method.fit(data(), epochs=5, verbose=0, callbacks=[Fake(), stop])
    assert len(weights) == 4 and stop.best == 1.0 and stop.best_epoch == 1
    for one, two in zip(weights[1], method.get_weights(), strict=True):
        assert np.array_equal(one, two)


def test_early_stop_names_the_nearest_number():
    with pytest.raises(ValueError, match="Did you mean 'val_accuracy'"):
        make().fit(
            data(),
            verbose=0,
            validation_data=data(),
            callbacks=[callbacks.EarlyStop("val_acuracy")],
        )


def fit(method, folder, epochs, **kwargs):
    chosen = callbacks.standard(folder, warm_up=0.2, patience=3, **kwargs)
    method.fit(
        data(),
        epochs=epochs,
        verbose=0,
        callbacks=chosen,
        validation_data=data(),
    )
    return chosen[-1]


class Killed(Exception):
    pass


class Killer(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) >= self.at:
            raise Killed


@pytest.mark.parametrize(
    "step", ["descent", pytest.param("sam", marks=pytest.mark.slow)]
)
def test_a_killed_training_ends_as_an_uninterrupted_one(tmp_path, step):
    straight = make(step)
    whole = fit(straight, tmp_path / "straight", 6)
    killed = make(step)
    chosen = callbacks.standard(tmp_path / "killed", warm_up=0.2, patience=3)
    with pytest.raises(Killed):
        killed.fit(
            data(),
            epochs=6,
            verbose=0,
            validation_data=data(),
            callbacks=[*chosen, Killer(14)],
        )
    resumed = make(step)
    set_seed(99)
    again = fit(resumed, tmp_path / "killed", 6)
    assert again.history == whole.history
    for one, two in zip(
        straight.get_weights(), resumed.get_weights(), strict=True
    ):
        assert np.array_equal(one, two)


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        "cut",
        *(pytest.param(d, marks=pytest.mark.slow) for d in ("flip", "empty")),
    ],
)
def test_a_damaged_checkpoint_is_named_and_passed_over(
    tmp_path, damage, caplog
):
    straight = make()
    whole = fit(straight, tmp_path / "straight", 6)
    fit(make(), tmp_path / "run", 6)
    keep = callbacks.Keep(tmp_path / "run")
    newest = keep.paths()[-1]
    content = bytearray(newest.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flip":
        content[len(content) // 2] ^= 0xFF
    else:
        content = bytearray()
    newest.write_bytes(bytes(content))
    resumed = make()
    with caplog.at_level("INFO", logger="kerasgen"):
        again = fit(resumed, tmp_path / "run", 6)
    assert again.damaged == [str(newest)]
    assert str(newest) in caplog.text
    assert again.history == whole.history
    for one, two in zip(
        straight.get_weights(), resumed.get_weights(), strict=True
    ):
        assert np.array_equal(one, two)


def test_only_so_many_checkpoints_stay(tmp_path):
    fit(make(), tmp_path, 5)
    names = [path.name for path in callbacks.Keep(tmp_path).paths()]
    assert names == ["epoch_000004.npz", "epoch_000005.npz"]


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    fit(make(), tmp_path, 1)
    model = models.tabular_classifier((6,), 2, size="small")
    other = methods.ERM(model, tasks.Classification(2))
    other.compile("adam")
    with pytest.raises(ValueError, match="must be of this model"):
        fit(other, tmp_path, 2)


def test_history_of_keras_holds_the_earlier_epochs(tmp_path):
    fit(make(), tmp_path, 2)
    method = make()
    chosen = callbacks.standard(tmp_path, warm_up=0.2, patience=3)
    history = method.fit(
        data(), epochs=4, verbose=0, callbacks=chosen, validation_data=data()
    )
    assert history.epoch == [0, 1, 2, 3] and len(history.history["loss"]) == 4


def test_nan_guard_names_step_and_the_batch():
    bad = X.copy()
    bad[35] = np.nan
    ds = tf.data.Dataset.from_tensor_slices((bad, Y)).batch(16)
    with pytest.raises(
        FloatingPointError, match="epoch 1, step 3: the batch itself"
    ):
        make().fit(ds, verbose=0, callbacks=[callbacks.NaNGuard()])


def test_nan_guard_names_the_layer():
    method = make()
    layer = method.model.get_layer("dense0")
    layer.kernel.assign(layer.kernel * 3e38)
    with pytest.raises(FloatingPointError, match="step 1: .*'dense0'"):
        method.fit(data(), verbose=0, callbacks=[callbacks.NaNGuard()])


def test_nan_guard_on_a_plain_model_names_weights():
    set_seed(0)
    model = models.tabular_classifier((6,), 2, size="tiny")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
    model.get_layer("head").kernel.assign(np.full((16, 2), np.nan))
    with pytest.raises(FloatingPointError, match="weights of layer"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.NaNGuard()])
