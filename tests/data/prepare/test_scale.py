"""Scales and distributions of numbers, beside scikit-learn's."""

import json

import numpy as np
import pytest
from sklearn import preprocessing as sk

from kerasgen.data.prepare import (
    Clip,
    Log,
    Power,
    Quantile,
    RobustScale,
    Scale,
    Standardize,
)

RANDOM = np.random.default_rng(0)


def skewed(n):
    x = np.exp(RANDOM.normal(size=(n, 4)))
    x[:, 1] = np.round(x[:, 1])
    x[:, 2] = 100 - 20 * x[:, 2]
    x[:, 3] -= 1.5
    return x.astype("float32")


TRAIN, TEST = skewed(3000), skewed(500)
PEERS = {
    "scale": (Scale(), sk.MinMaxScaler()),
    "scale_to": (Scale(-1, 3), sk.MinMaxScaler((-1, 3))),
    "standardize": (Standardize(), sk.StandardScaler()),
    "robust": (RobustScale(), sk.RobustScaler()),
    "robust_wide": (
        RobustScale(0.1, 0.9),
        sk.RobustScaler(quantile_range=(10, 90)),
    ),
    "power": (Power(), sk.PowerTransformer(standardize=False)),
    "uniform": (
        Quantile(),
        sk.QuantileTransformer(n_quantiles=1000, subsample=None),
    ),
    "normal": (
        Quantile("normal", 200),
        sk.QuantileTransformer(
            n_quantiles=200, output_distribution="normal", subsample=None
        ),
    ),
}


@pytest.mark.parametrize("name", PEERS)
def test_numbers_are_sklearns(name):
    layer, peer = PEERS[name]
    layer.start()
    for part in np.array_split(TRAIN, 7):
        layer.update(part)
    layer.finish()
    expected = peer.fit(TRAIN.astype("float64")).transform(
        TEST.astype("float64")
    )
    found = layer(TEST).numpy()
    assert found.dtype == np.float32
    assert np.allclose(found, expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", PEERS)
def test_what_was_learnt_is_in_the_config(name):
    layer = PEERS[name][0].adapt(TRAIN)
    config = json.loads(json.dumps(layer.get_config()))
    again = type(layer).from_config(config)
    assert np.array_equal(again(TEST), layer(TEST))
    fresh = type(layer)(**layer.own())
    assert not fresh.ready
    with pytest.raises(ValueError, match="must learn before it is called"):
        fresh(TEST)


@pytest.mark.parametrize("name", PEERS)
def test_missing_numbers_are_left_out_and_stay(name):
    layer = PEERS[name][0]
    holes = TRAIN.copy()
    holes[::5, 0] = np.nan
    layer.adapt(holes)
    kept = type(layer)(**layer.own()).adapt(
        np.delete(TRAIN, np.arange(0, 3000, 5), 0)
    )
    found = layer(np.full((1, 4), np.nan, "float32")).numpy()
    assert np.isnan(found).all()
    assert np.allclose(layer(TEST)[:, 0], kept(TEST)[:, 0], atol=1e-5)


@pytest.mark.parametrize("kind", [Scale, Standardize, RobustScale])
def test_channels_features_and_images_are_told_apart(kind):
    x = RANDOM.normal(5.0, 3.0, (40, 4, 5, 3)).astype("float32")
    peer = {
        Scale: sk.MinMaxScaler,
        Standardize: sk.StandardScaler,
        RobustScale: sk.RobustScaler,
    }[kind]
    for axis, shape in (("channel", (-1, 3)), ("feature", (40, 60))):
        rows = x.astype("float64").reshape(shape)
        expected = peer().fit_transform(rows).reshape(x.shape)
        assert np.allclose(kind(axis=axis).adapt(x)(x), expected, atol=1e-5)
    rows = x.astype("float64").reshape(40, 60).T
    expected = peer().fit_transform(rows).T.reshape(x.shape)
    layer = kind(axis="image")
    assert not layer.learns
    assert np.allclose(layer(x), expected, atol=1e-5)


@pytest.mark.parametrize("kind", [Power, Quantile, Clip])
def test_features_of_images(kind):
    x = RANDOM.lognormal(size=(50, 2, 2, 1)).astype("float32")
    layer = kind(axis="feature").adapt(x)
    rows = kind().adapt(x.reshape(50, 4))
    assert np.array_equal(
        layer(x).numpy().ravel(), rows(x.reshape(50, 4)).numpy().ravel()
    )


def test_constants_do_not_explode():
    x = np.full((9, 1), 0.1, "float32")
    assert float(Standardize().adapt(x)(x)[0, 0]) == 0.0
    assert float(Scale().adapt(x)(x)[0, 0]) == 0.0
    assert float(RobustScale().adapt(x)(x)[0, 0]) == 0.0
    assert np.isfinite(Power().adapt(x)(x)).all()
    assert np.isfinite(Quantile().adapt(x)(x)).all()
    image = np.ones((1, 2, 2, 1), "float32")
    for kind in (Scale, Standardize, RobustScale):
        assert not kind(axis="image")(image).numpy().any()


def test_a_known_range_needs_no_pass():
    layer = Scale(-1, 1, source_low=0, source_high=255)
    assert layer.ready
    assert layer(np.array([[0, 255]], "uint8")).numpy().tolist() == [[-1, 1]]


def test_clip_at_quantiles_and_at_bounds():
    x = np.arange(101.0)[:, None]
    low, high = np.quantile(x, (0.01, 0.99))
    found = Clip().adapt(x)(x).numpy()
    assert np.allclose([found.min(), found.max()], [low, high])
    assert Clip(low=3.0)(x).numpy().min() == 3.0
    assert Clip(low=3.0)(x).numpy().max() == 100.0
    assert np.isnan(Clip(low=3.0)(np.array([[np.nan]]))).all()


def test_log_is_odd_and_log1p():
    x = np.array([[0.0, 3.0, -3.0, 1e30]], "float32")
    expected = np.sign(x) * np.log1p(np.abs(x.astype("float64")))
    assert np.allclose(Log()(x), expected, rtol=1e-6)
    assert np.allclose(Log(0.5)(x), np.sign(x) * np.log1p(np.abs(x) / 0.5))


def test_power_holds_far_from_train():
    layer = Power().adapt(-TRAIN)
    assert np.isfinite(layer(np.array([[1e30] * 4, [-1e30] * 4]))).all()


def test_quantiles_of_one_row_and_beyond_the_ends():
    layer = Quantile("normal").adapt(np.array([[1.0]]))
    assert np.isfinite(layer(np.array([[0.0], [1.0], [2.0]]))).all()
    layer = Quantile().adapt(TRAIN)
    ends = layer(np.array([[-1e9] * 4, [1e9] * 4]))
    assert ends.numpy().tolist() == [[0] * 4, [1] * 4]


def test_bad_arguments_are_refused():
    cases = (
        (Scale, {"low": 1.0, "high": 0.0}, "`low` must be less"),
        (Scale, {"source_low": 0.0}, "both ends"),
        (RobustScale, {"below": 0.8, "above": 0.2}, "`below` must be less"),
        (RobustScale, {"above": 2.0}, r"must lie in \[0, 1\]"),
        (Clip, {"low": 2.0, "high": 1.0}, "`low` must be less"),
        (Clip, {"axis": "image"}, "`axis` must be one of"),
        (Quantile, {"quantiles": 1}, "must lie in"),
        (Quantile, {"target": "gauss"}, "`target` must be one of"),
        (Log, {"unit": 0.0}, "must lie in"),
        (Standardize, {"mean": [1.0]}, "must come together"),
        (Standardize, {"axis": "row"}, "`axis` must be one of"),
    )
    for kind, values, words in cases:
        with pytest.raises(ValueError, match=words):
            kind(**values)


def test_what_does_not_fit_is_refused():
    layer = Standardize().adapt(TRAIN)
    with pytest.raises(ValueError, match="takes numbers"):
        Standardize().adapt(np.array([["a"]], dtype=object))
    with pytest.raises(ValueError, match="must have an axis"):
        Standardize().adapt(np.ones(3))
    with pytest.raises(ValueError, match="there must be examples"):
        Standardize().adapt(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="examples of shape"):
        Standardize().adapt([np.ones((2, 3)), np.ones((2, 4))])
    with pytest.raises(ValueError, match="learnt 4 channels"):
        layer.check((5,), "number")


def test_columns_without_any_value():
    holes = np.array([[np.nan, 1.0], [np.nan, 2.0]], "float32")
    for kind in (Scale, Standardize, RobustScale, Clip, Power, Quantile):
        found = kind().adapt(holes)(np.ones((1, 2), "float32")).numpy()
        assert np.isfinite(found).all(), kind
