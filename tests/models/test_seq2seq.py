"""models: seq2seq, from pairs of texts to a served translator."""

import keras
import numpy as np
import pytest

import kerasgen as kg


def test_pairs_give_the_words_before_each_step():
    data = kg.data.load(kg.data.synthetic.pairs(80), kind="pairs")
    task = data.task
    assert isinstance(task, kg.Translation) and task.words
    x, y = next(iter(data.batches("stop", 4)))
    assert sorted(x) == ["source", "target"]
    assert np.array_equal(x["target"][:, 1:], y[:, :-1])
    assert (x["target"].numpy()[:, 0] == 2).all()
    # Numbers and back, without regard to case and punctuation.
    texts = data.splits["stop"].y[:4]
    assert task.texts(y) == [str(text).lower() for text in texts]


def test_task_joins_punctuation():
    task = kg.Translation(words=("a", "man", "'", "s", "t", "-", "(", ")", "."))
    row = np.array([[4, 5, 6, 7, 8, 9, 7, 10, 4, 11, 12, 3, 5]])
    assert task.texts(row) == ["a man's t-s (a)."]


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="`beams` must lie"):
        kg.Translation(beams=0)
    with pytest.raises(ValueError, match="`words` must lie"):
        kg.seq2seq((4,), 9, 3)
    with pytest.raises(ValueError, match="targets must be texts"):
        kg.Translation().check([1])


def test_words_cost_as_cross_entropy_says():
    random = np.random.default_rng(0)
    logits = random.normal(size=(2, 3, 6)).astype("float32")
    y = np.array([[4, 3, 0], [5, 5, 3]])
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    target = 0.9 * np.eye(6)[y] + 0.1 / 6
    cost = -(target * logs).sum(-1) * (y != 0)
    wanted = (cost.sum(1) / (y != 0).sum(1)).mean()
    loss = kg.Translation(size=6, label_smoothing=0.1).loss()
    assert np.isclose(float(loss(y, logits)), wanted, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body, attention",
    [
        ("transformer", "additive"),
        ("gru", "additive"),
        ("lstm", "multiplicative"),
    ],
)
@pytest.mark.parametrize("search", ["greedy", "beam", "sample"])
def test_learns_to_reverse_and_serves_texts(body, attention, search, tmp_path):
    data = kg.data.load(
        kg.data.synthetic.pairs(1200, longest=4),
        kind="pairs",
        task=kg.Translation(length=6, search=search, top_p=0.5),
        prepare=["clean_text", {"name": "words", "length": 5}],
    )
    keras.utils.set_random_seed(0)
    vocabulary = data.prepare.layers[-1].vocabulary
    model = kg.seq2seq(
        data.shape,
        vocabulary,
        data.task.units,
        body=body,
        attention=attention,
        width=64,
    )
    name = "scheduled_sampling" if search == "greedy" else "erm"
    method = kg.create("method", name, model, data.task)
    method.compile({"name": "adam", "learning_rate": 3e-3})
    method.fit(data.batches("train", 64), epochs=25, verbose=0)
    report = kg.evaluate(model, data, ["clean"])
    assert report.value("clean/bleu") > 80
    assert kg.export(model, data, tmp_path / "served").exists()
