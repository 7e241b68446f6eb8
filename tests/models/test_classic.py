"""classic: the old models answer as scikit-learn and as a network do."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

import kerasgen as kg
from kerasgen.core import parts
from kerasgen.evaluate.classic import MODELS
from kerasgen.evaluate.section_classic import beside

FAST = {"random_forest": {"trees": 20}, "gradient_boosting": {"rounds": 10}}


@pytest.fixture(scope="module")
def wine():
    return kg.data.load("wine")


@pytest.fixture(scope="module")
def diabetes():
    return kg.data.load("diabetes")


def test_the_probe_knows_every_model():
    assert sorted(MODELS) == sorted(parts("classic"))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_learns_classes(name, wine):
    model = kg.classic(name, **FAST.get(name, {})).fit(wine)
    x, y = wine.tensors("test")
    outputs = model.predict(x)
    assert outputs.shape == (len(x), 3) and outputs.dtype == np.float32
    assert np.isfinite(outputs).all()
    assert wine.task.correct(y, outputs).mean() > 0.8


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"naive_bayes"}))
def test_every_other_model_learns_numbers(name, diabetes):
    model = kg.classic(name, **FAST.get(name, {})).fit(diabetes)
    x, y = diabetes.tensors("test")
    flat = np.zeros((len(x), 1))
    ours = diabetes.task.correct(y, model.predict(x)).mean()
    assert ours < diabetes.task.correct(y, flat).mean()


def test_linear_is_scikit_learns(wine, diabetes):
    for data, reference in (
        (wine, LogisticRegression(max_iter=1000)),
        (diabetes, Ridge()),
    ):
        scaler = StandardScaler()
        x, y = data.tensors("train")
        reference.fit(scaler.fit_transform(x.astype("float64")), y)
        x = scaler.transform(data.tensors("test")[0])
        ours = kg.classic("linear").fit(data)
        ours = data.task.predict(ours.predict(data.tensors("test")[0]))
        if data is wine:
            expected, found = reference.predict_proba(x), ours["probability"]
        else:
            expected, found = reference.predict(x), ours["value"]
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4)


def test_texts_are_counted():
    x, y = kg.data.synthetic.texts(400)
    data = kg.data.load((list(x), y), kind="text")
    for name in ("linear", "naive_bayes"):
        model = kg.classic(name).fit(data)
        found = model.predict(data.tensors("test")[0])
        assert data.task.correct(data.splits["test"].y, found).mean() > 0.8


@pytest.mark.parametrize("name", MODELS)
def test_numbers_of_categories_become_columns(name):
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, 200)
    x = {"a": random.normal(size=200), "k": np.array(list("xyz"))[kind]}
    data = kg.data.load(
        (x, (kind == 1).astype(int)), prepare={"k": ["category_index"]}
    )
    model = kg.classic(name, **FAST.get(name, {})).fit(data)
    found = model.predict(data.tensors("test")[0])
    least = 0.6 if name in ("k_means", "lda") else 0.9
    assert data.task.correct(data.splits["test"].y, found).mean() > least


def test_numbers_have_no_naive_bayes(diabetes):
    with pytest.raises(ValueError, match="an answer for the task"):
        kg.classic("naive_bayes").fit(diabetes)
    probe = kg.create("probe", {"name": "classic", "model": "naive_bayes"})
    row = probe(None, diabetes, outputs=np.zeros((1, 1))).rows[0]
    assert row.value is None and "answer" in row.why


def test_a_report_puts_the_old_beside_the_new(wine):
    new = kg.classic("k_means", clusters=3).fit(wine)
    probes = ["clean", "classic", {"name": "classic", "model": "knn"}]
    report = kg.evaluate(new, wine, probes)
    gain = report.row("classic/gain", model="linear")
    first, second = (
        report.value("clean/accuracy"),
        report.value("classic/accuracy", model="linear"),
    )
    assert gain.value == pytest.approx(first - second)
    assert gain.low <= gain.value <= gain.high
    part = beside(report)
    names = [line[0]["text"] for line in part["tables"][0]["rows"]]
    assert names == ["this one", "linear", "knn"] and "points" in part["text"]
