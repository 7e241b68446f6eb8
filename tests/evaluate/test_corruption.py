"""The corruption probe: its rows, its means, its speed."""

import time

import numpy as np
import pytest

from kerasgen.augment import corrupt
from kerasgen.augment.corrupt import Contrast
from kerasgen.augment.corrupt_table import ShiftedColumns
from kerasgen.evaluate import Corruption
from kerasgen.evaluate.corruption import _fitting, _handed
from kerasgen.tasks import Anomaly

IMAGES = {
    "brightness",
    "contrast",
    "gaussian_blur",
    "gaussian_noise",
    "pixelate",
    "shot_noise",
}
TABLES = {
    "column_noise",
    "missing_columns",
    "shifted_columns",
    "swapped_columns",
    "unit_errors",
}


def grid(answer):
    return {
        (row.slice["corruption"], row.slice["severity"]): row
        for row in answer
        if "severity" in row.slice
    }


def test_images_in_time_and_in_full(digits):
    data, model = digits
    start = time.perf_counter()
    answer = Corruption()(model, data)
    assert time.perf_counter() - start < 15
    rows = grid(answer)
    assert set(rows) == {(n, s) for n in IMAGES for s in range(1, 6)}
    row = rows["contrast", 5]
    corrupt = Contrast(severity=5)
    ((x, y),) = data.batches("test", batch_size=360, corrupt=corrupt)
    hit = np.asarray(model(x)).argmax(-1) == y.numpy()
    assert row.value == pytest.approx(hit.mean())
    assert answer.examples[row.name] == hit.astype(int).tolist()
    assert row.n == 360 and row.unit == "share"
    assert rows["contrast", 1].value > row.value


def test_mean_is_over_examples_all_conditions_together(digits):
    data, model = digits
    answer = Corruption(severities=2)(model, data)
    rows = grid(answer)
    assert {severity for _, severity in rows} == {1, 5}
    whole = [row for row in answer if row.slice == {}]
    assert [row.metric for row in whole] == ["mean_accuracy"]
    each = [answer.examples[row.name] for row in rows.values()]
    assert whole[0].value == pytest.approx(np.mean(each))
    assert answer.examples["corruption/mean_accuracy"] == pytest.approx(
        np.mean(each, 0)
    )
    # As if the conditions were examples of their own it would be narrower.
    mean = np.mean(each, 0)
    error = 1.96 * mean.std() / np.sqrt(360)
    width = whole[0].high - whole[0].low
    assert width == pytest.approx(2 * error, rel=0.25)
    by_name = {r.slice["corruption"]: r for r in answer if len(r.slice) == 1}
    assert set(by_name) == IMAGES
    pair = [rows["gaussian_blur", s].value for s in (1, 5)]
    assert by_name["gaussian_blur"].value == pytest.approx(np.mean(pair))


def test_same_again(digits):
    data, model = digits
    first = Corruption(severities=1)(model, data)
    second = Corruption(severities=1)(model, data)
    assert first.rows == second.rows


def test_tables_get_the_scales_of_train(cancer):
    data, model = cancer
    answer = Corruption(severities=1)(model, data)
    rows = grid(answer)
    assert {name for name, _ in rows} == TABLES
    scales = _handed(data)["scales"]
    name = data.schema.columns[0].name
    train = data.splits["train"].x[name]
    assert scales[name] == pytest.approx(train.std(), rel=1e-5)
    corrupt = ShiftedColumns(3, scales)
    ((x, y),) = data.batches("test", batch_size=114, corrupt=corrupt)
    hit = np.asarray(model(x)).argmax(-1) == y.numpy()
    assert rows["shifted_columns", 3].value == pytest.approx(hit.mean())


def test_numbers_get_an_error_and_lower_is_better(diabetes):
    data, model = diabetes
    answer = Corruption(severities=2)(model, data)
    rows = grid(answer)
    row = rows["column_noise", 5]
    assert row.metric == "mae" and row.better == "lower"
    assert row.unit == "points" and row.low < row.value < row.high
    assert row.value > rows["column_noise", 1].value


def test_what_doesnt_fit_says_why(categories):
    data, model = categories
    answer = Corruption(severities=1)(model, data)
    absent = {r.slice["corruption"] for r in answer if r.value is None}
    assert absent == {"column_noise", "shifted_columns", "unit_errors"}
    assert all("number" in r.why for r in answer if r.value is None)
    assert ("missing_columns", 3) in grid(answer)
    assert ("swapped_columns", 3) in grid(answer)


def test_severities():
    assert Corruption(severities=4).levels == [1, 2, 4, 5]
    assert Corruption(severities=5).levels == [1, 2, 3, 4, 5]
    assert Corruption(severities=1).levels == [3]
    with pytest.raises(ValueError, match="severities=6"):
        Corruption(severities=6)


def test_families_and_names(digits):
    data, model = digits
    kinds = ("imagenet_c_extra", "stripe")
    answer = Corruption(severities=1, kinds=kinds)(model, data)
    names = {name for name, _ in grid(answer)}
    assert names == {*corrupt.IMAGENET_C_EXTRA, "stripe"}
    assert set(_fitting("image", ("mnist_c",))) == set(corrupt.MNIST_C)
    assert set(_fitting("video")) == set(_fitting("image")) == IMAGES
    every = set(_fitting("image", ("all",)))
    assert every >= {n for names in corrupt.FAMILIES.values() for n in names}
    assert _fitting("table", ("imagenet_c",)) == {}
    with pytest.raises(ValueError, match="imagenet_c"):
        Corruption(kinds="imagenet_d")


def test_numbers_of_a_whole_set_are_averaged_by_corruption():
    random = np.random.default_rng(0)
    measure = Anomaly().headline
    y = np.arange(40) % 4 == 0
    sets = [np.stack([random.normal(size=40) + k * y, y], 1) for k in (0, 2)]
    row = Corruption()._mean(measure, sets)
    wanted = np.mean([measure.reduce_values(rows) for rows in sets])
    assert np.isclose(row.value, wanted) and row.low <= wanted <= row.high
