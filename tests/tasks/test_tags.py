"""Tags: spans as seqeval counts them, schemes, losses and answers."""

import warnings

import numpy as np
import pytest
from keras import ops

from kerasgen.data.tags import tag_scheme
from kerasgen.layers import CRF
from kerasgen.losses import best_tags
from kerasgen.metrics import (
    f1_of_counts,
    forbidden_pairs,
    read_spans,
    rewrite_tags,
    span_counts,
)
from kerasgen.tasks import Tagging
from kerasgen.tasks.tags import SpanF1, TokenAccuracy, tags_of

LABELS = ("O", "B-A", "I-A", "B-B", "I-B")
WIDE = ("O", *(f"{p}-{t}" for t in "AB" for p in "BIES"))


def draw(labels, n=40, time=9, seed=0):
    random = np.random.default_rng(seed)
    tags = random.integers(0, len(labels), (n, time))
    tags[np.arange(time) >= random.integers(1, time + 1, (n, 1))] = -1
    return tags


def written(tags, labels):
    return [[labels[tag] for tag in row if tag >= 0] for row in tags]


@pytest.mark.parametrize("labels", [LABELS, WIDE], ids=["BIO", "BIOES"])
def test_f1_agrees_with_seqeval(labels):
    metrics = pytest.importorskip("seqeval.metrics")
    from seqeval.metrics.sequence_labeling import get_entities

    truth = draw(labels)
    found = np.where(draw(labels, seed=1) % 3 > 0, truth, draw(labels, seed=2))
    found = np.where(truth < 0, -1, np.maximum(found, 0))
    texts = written(truth, labels), written(found, labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = metrics.f1_score(*texts)
        spans = [get_entities(row) for row in texts[0]]
    counts = np.asarray(span_counts(truth, found, labels))
    assert counts[:, 2].tolist() == [len(row) for row in spans]
    assert f1_of_counts(counts) == pytest.approx(expected)
    assert read_spans(truth, labels) == [
        [tuple(span) for span in row] for row in spans
    ]
    metric = SpanF1(labels, "loose")
    outputs = np.eye(len(labels), dtype="float32")[np.maximum(found, 0)]
    for rows in (slice(0, 15), slice(15, None)):
        metric.update_state(truth[rows], outputs[rows])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)


def test_spans_by_hand():
    tags = [["I-A", "I-A", "B-A", "O", "I-B", "I-A"], ["O", "S-B", "E-B"]]
    expected = [
        [("A", 0, 1), ("A", 2, 2), ("B", 4, 4), ("A", 5, 5)],
        [("B", 1, 1), ("B", 2, 2)],
    ]
    for row, wanted in zip(tags, expected, strict=True):
        labels = sorted(set(row))
        numbers = [[labels.index(tag) for tag in row]]
        assert read_spans(numbers, labels) == [wanted]


@pytest.mark.parametrize("scheme", ["BIO", "IOB1", "BIOES"])
def test_schemes_are_written_and_known_again(scheme):
    rows = [rewrite_tags(row, scheme) for row in written(draw(LABELS), LABELS)]
    labels = sorted({tag for row in rows for tag in row})
    y = np.full((len(rows), 9), -1)
    for row, tags in zip(y, rows, strict=True):
        row[: len(tags)] = [labels.index(tag) for tag in tags]
    assert tag_scheme(labels, y) == scheme
    assert rewrite_tags(rewrite_tags(rows[0], "BIO"), scheme) == rows[0]
    forbidden = set(forbidden_pairs(labels, scheme))
    edge = np.full((len(y), 1), -1)
    padded = np.concatenate([edge, y, edge], 1)
    pairs = {*zip(padded[:, :-1].ravel(), padded[:, 1:].ravel(), strict=True)}
    assert not pairs & forbidden


def test_what_keeps_no_scheme_is_loose():
    labels = ("O", "B-A", "I-A")
    assert tag_scheme(labels, np.array([[0, 2], [0, 1]])) == "loose"
    assert tag_scheme(("O", "A"), np.array([[0, 1]])) == "none"
    assert tag_scheme(("O", "B-A", "E-A"), np.array([[0, 1]])) == "loose"


def test_answers_keep_the_scheme():
    random = np.random.default_rng(0)
    task = Tagging(LABELS, "BIO")
    forbidden = set(forbidden_pairs(LABELS, "BIO"))
    layer = CRF(len(LABELS))
    x = random.normal(size=(30, 9, 6)).astype("float32") * 5
    mask = np.arange(9) < random.integers(1, 10, (30, 1))
    logits = random.normal(size=(30, 9, 5)).astype("float32")
    for outputs in (np.asarray(layer(x, mask=mask)), logits):
        found = task.decode(outputs)
        if outputs.ndim == 4:
            assert ((found >= 0) == mask).all()
        for row in found:
            tags = [-1, *row[row >= 0].tolist(), -1]
            assert not {*zip(tags[:-1], tags[1:], strict=True)} & forbidden
    answer = task.predict(ops.array(logits))
    assert (np.asarray(answer["label"]) == task.decode(logits)).all()
    loose = Tagging(LABELS, "none").predict(ops.array(logits))["label"]
    assert (np.asarray(loose) == logits.argmax(-1)).all()


def test_constraints_of_the_layer_are_those_of_the_task():
    pairs = forbidden_pairs(LABELS, "BIO")
    x = np.random.default_rng(1).normal(size=(8, 6, 4)).astype("float32") * 4
    plain, barred = CRF(5), CRF(5, pairs)
    outputs = plain(x)
    barred(x)
    barred.set_weights(plain.get_weights())
    inside = np.asarray(best_tags(barred(x)))
    assert (inside == np.asarray(tags_of(outputs, pairs))).all()


def test_logits_and_a_chain_without_ties_agree():
    y = draw(LABELS, 12, 6)
    logits = np.random.default_rng(2).normal(size=(12, 6, 5)).astype("float32")
    absent = np.full(5, -1e9, "float32")
    absent[0] = 0.0
    logits[y < 0] = absent
    layer = CRF(5)
    mask = y >= 0
    layer.build((None, 6, 5))
    layer.kernel.assign(np.eye(5))
    chain = np.asarray(layer(logits * mask[..., None], mask=mask))
    task = Tagging(LABELS, "loose")
    for measure in task.measures():
        one, two = (
            measure.reduce_values(measure.values(y, o)) for o in (logits, chain)
        )
        assert one == pytest.approx(two, rel=1e-4)
    assert float(task.loss()(y, logits)) == pytest.approx(
        float(task.loss()(y, chain)), rel=1e-5
    )
    assert (task.decode(logits) == task.decode(chain)).all()


def test_accuracy_counts_tokens_not_sentences():
    metric = TokenAccuracy()
    y = np.array([[0, 1, 1], [1, -1, -1]])
    outputs = np.eye(2, dtype="float32")[[[0, 1, 0], [1, 0, 0]]]
    metric.update_state(y, outputs)
    assert float(metric.result()) == 0.75
    metric.reset_state()
    metric.update_state(y, outputs, sample_weight=np.array([0.0, 1.0]))
    assert float(metric.result()) == 1.0


def test_bad_tags_are_refused():
    task = Tagging(("a", "b"), "none")
    with pytest.raises(ValueError, match="max=2"):
        task.check(np.array([[0, 2]]))
    with pytest.raises(ValueError, match="shape"):
        task.check(np.array([0, 1]))
    with pytest.raises(ValueError, match="two different names"):
        Tagging(("a", "a"))
    with pytest.raises(ValueError, match="scheme"):
        Tagging(("a", "b"), "bio")
