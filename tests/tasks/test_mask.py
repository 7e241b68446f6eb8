"""Segmentation: loss, scores and answers, and what an export serves."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import f1_score, jaccard_score

import kerasgen as kg
from kerasgen.core import create
from kerasgen.serve.verify import largest_gap

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 3, (4, 5, 6))
Y[0, :2] = 255
LOGITS = RANDOM.normal(0.0, 2.0, (4, 5, 6, 3)).astype("float32")
KNOWN = Y != 255


def test_cross_entropy_is_the_mean_over_known_pixels():
    logs = log_softmax(LOGITS.astype("float64"), -1)
    wanted = [
        -np.take_along_axis(p[k], y[k][:, None], -1).mean()
        for p, y, k in zip(logs, Y, KNOWN, strict=True)
    ]
    loss = kg.Segmentation(3).loss()
    assert np.allclose(loss.call(Y, LOGITS), wanted, rtol=1e-5)
    weight = np.array([0.0, 1.0, 1.0, 2.0], "float32")
    found = float(loss(Y, LOGITS, sample_weight=weight))
    assert np.isclose(found, np.dot(weight, wanted) / 4, rtol=1e-5)


def test_losses_add_up_by_name_and_weight():
    spec = ["soft_cross_entropy", {"name": "dice", "weight": 0.5, "smooth": 2}]
    task = kg.Segmentation(3, criterion=spec)
    single = kg.Segmentation(3).loss()(Y, LOGITS)
    dice = create("loss", {"name": "dice", "smooth": 2.0})(Y, LOGITS)
    found = float(task.loss()(Y, LOGITS))
    assert np.isclose(found, float(single) + 0.5 * float(dice), rtol=1e-5)
    assert kg.Segmentation.from_config(task.get_config()) == task
    for wrong in (3, [{"weight": 1.0}]):
        with pytest.raises(TypeError, match="criterion"):
            kg.Segmentation(3, criterion=wrong)
    with pytest.raises(ValueError, match="weight"):
        kg.Segmentation(3, criterion={"name": "dice", "weight": -1.0})
    with pytest.raises(ValueError, match="criterion"):
        kg.Segmentation(3, criterion=[])


@pytest.mark.parametrize("background", [True, False])
def test_scores_are_those_of_sklearn(background):
    task = kg.Segmentation(("a", "b", "c"), background=background)
    found, y = LOGITS.argmax(-1)[KNOWN], Y[KNOWN]
    labels = [1, 2] if background else [0, 1, 2]
    wanted = [
        f1_score(y, found, labels=labels, average="macro"),
        jaccard_score(y, found, average="macro"),
    ]
    scores = zip(task.measures(), task.metrics(), wanted, strict=True)
    for measure, metric, value in scores:
        values = measure.values(Y, LOGITS)
        assert np.isclose(measure.reduce_values(values), value)
        for part in (slice(2), slice(2, None)):
            metric.update_state(Y[part], LOGITS[part])
        assert np.isclose(float(metric.result()), value, rtol=1e-5)
        assert metric.from_config(metric.get_config()).skip == metric.skip


def test_a_class_that_is_nowhere_counts_in_no_mean():
    task = kg.Segmentation(3)
    y, sure = np.zeros((1, 2, 2), int), np.eye(3)[np.zeros((1, 2, 2), int)]
    for measure in task.measures():
        assert measure.reduce_values(measure.values(y, sure)) == 1.0


def test_wrong_masks_are_refused():
    task = kg.Segmentation(2)
    task.check(Y % 2)
    for y in (Y, Y[0], Y / 2):
        with pytest.raises(ValueError, match="masks must"):
            task.check(y)
    with pytest.raises(ValueError, match="at least 2"):
        kg.Segmentation(("one",))


def test_masks_pose_their_task_and_find_their_factory():
    x, y = kg.data.synthetic.masks(40, 3, (8, 9, 1))
    data = kg.data.load((x, y), labels=("ground", "dim", "bright"))
    assert data.task == kg.Segmentation(("ground", "dim", "bright"))
    assert data.classes is None and data.labels[2] == "bright"
    recipe = kg.Recipe(data=data, task={"criterion": ["dice", "lovasz"]})
    assert kg.recipe.complete(recipe, data).model == {"name": "segmenter"}
    assert kg.Recipe.from_dict(recipe.to_dict()).task == recipe.task
    with pytest.raises(ValueError, match="classes 0 to 1"):
        kg.data.load((x, y), task=kg.Segmentation(2))


def test_an_export_takes_files_and_gives_masks(tmp_path):
    x, y = kg.data.synthetic.masks(24, 2, (8, 9, 3))
    data = kg.data.load((x, y))
    model = kg.segmenter(data.shape, 2, size="tiny")
    folder = kg.export(model, data, tmp_path)
    assert (folder / "card.json").exists()


@pytest.mark.slow
def test_a_report_tells_of_masks(tmp_path):
    x, y = kg.data.synthetic.masks(24, 2, (8, 9, 3))
    data = kg.data.load((x, y), group=np.arange(24) % 12)
    model = kg.segmenter(data.shape, 2, size="tiny")
    report = kg.evaluate(model, data)
    assert report.row("corruption/mean_dice").value is not None
    assert report.row("subgroup/worst", by="group").value is not None
    row = report.row("clean/dice")
    assert 0.0 <= row.low <= row.value <= row.high <= 1.0
    report.save(tmp_path / "report.html")
    assert "dice" in (tmp_path / "report.html").read_text("utf-8").lower()


def test_a_tie_is_no_difference_of_a_served_mask():
    p = np.array([[0.5, 0.5], [0.9, 0.1]])
    one = {"s": {"mask": np.array([0, 0]), "probability": p}}
    tied = {"s": {"mask": np.array([1, 0]), "probability": p}}
    wrong = {"s": {"mask": np.array([0, 1]), "probability": p}}
    assert largest_gap(one, tied) == 0.0 and largest_gap(one, wrong) == 1.0
