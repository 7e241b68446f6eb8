"""choose: safe where single rules collapse, and blind to target labels."""

import dataclasses

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.evaluate import choose
from kerasgen.evaluate.choose import best, compare, poll
from kerasgen.evaluate.evidence import Evidence, gather
from kerasgen.evaluate.risk import reverse_validation
from kerasgen.evaluate.selection import RULES, judge, number, trust

CLASSES = 4


def candidate(seed, accuracy, sure=3.0, source=0.95, moved=0, only=None):
    """What is known of a model that is right so often on the target."""
    draw = np.random.default_rng(seed)
    truth = np.arange(800) % CLASSES
    wrong = (truth + draw.integers(1, CLASSES, 800)) % CLASSES
    answers = np.where(draw.random(800) < accuracy, truth, wrong)
    answers = (answers + moved) % CLASSES
    if only is not None:
        answers = np.full(800, only)
    logits = sure * np.eye(CLASSES)[answers] + draw.normal(0, 0.3, (800, 4))
    labels = np.arange(200) % CLASSES
    losses = (draw.random(200) > source).astype(float)
    told = np.where(losses > 0, (labels + 1) % CLASSES, labels)
    seen = {
        "train": np.eye(CLASSES)[labels] + draw.normal(0, 0.2, (200, 4)),
        "select": np.eye(CLASSES)[told] + draw.normal(0, 0.2, (200, 4)),
        "unlabeled": np.eye(CLASSES)[answers] + draw.normal(0, 0.2, (800, 4)),
    }
    outputs = 3.0 * np.eye(CLASSES)[told]
    return Evidence(logits, outputs, labels, losses, seen)


def test_reverse_validation_by_hand():
    draw = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = 4.0 * np.eye(3)[y] + draw.normal(0, 0.3, (300, 3))
    assert reverse_validation(x, y, x, y) == 0.0
    # Two classes taken for each other: their examples come back wrong.
    swapped = np.array([1, 0, 2])[y]
    assert reverse_validation(x, swapped, x, y) == pytest.approx(2 / 3)
    # One answer for everything leads back to one class.
    assert reverse_validation(x, 0 * y, x, y) == pytest.approx(2 / 3)


def test_copies_do_not_make_a_majority():
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 5, 3000)

    def told(accuracy):
        wrong = draw.integers(0, 5, 3000)
        return np.where(draw.random(3000) < accuracy, truth, wrong)

    copied = told(0.4)
    answers = np.stack([*[copied] * 5, told(0.8), told(0.75), told(0.7)])
    plain = np.eye(5)[answers].mean(0).argmax(1)
    vote = poll(answers, np.ones(8), 5)
    assert np.allclose(vote.sum(1), 1.0, atol=1e-5)
    right = (vote.argmax(1) == truth).mean()
    assert (plain == truth).mean() < 0.6 < 0.85 < right


def test_each_collapse_is_seen_through():
    good = [candidate(seed, 0.7 + 0.05 * seed) for seed in range(4)]
    traps = {
        "sure of one class": candidate(9, 0.0, sure=30.0, only=2),
        "sure and mistaken": candidate(9, 0.97, sure=30.0, moved=1),
        "without the source": candidate(9, 0.3, sure=30.0, source=0.6),
    }
    for trap, evidence in traps.items():
        table = compare([*good, evidence])
        assert best(table) == 3, trap
    vetoes = [compare([*good, each])[-1]["veto"] for each in traps.values()]
    assert vetoes == ["few classes", None, "lost the source"]
    # Rules that a trap outwits.
    for rule in ("entropy", "neighborhood_density"):
        sign = 1 if RULES[rule] == "higher" else -1
        numbers = [
            sign * number(rule, each)
            for each in (*good, traps["sure of one class"])
        ]
        assert np.argmax(numbers) == 4
    assert number("information", traps["sure and mistaken"]) > max(
        number("information", each) for each in good
    )


def test_where_all_are_unfit_one_is_chosen_still():
    table = compare([candidate(s, 0.0, only=1) for s in range(2)])
    assert [row["veto"] for row in table] == [None, None]
    assert best(table) in (0, 1)
    assert 0.5 < trust(30 * np.eye(4)[[1] * 8]) < trust(30 * np.eye(4))


def test_evidence_of_other_examples_is_refused():
    one = candidate(0, 0.9)
    other = dataclasses.replace(one, logits=one.logits[:5])
    for evidences in ([], [one, other]):
        with pytest.raises(ValueError, match="the same examples"):
            compare(evidences)


def test_evidence_comes_back_from_its_file(tmp_path):
    one = candidate(0, 0.9)
    one.save(tmp_path / "a.npz")
    back = Evidence.load(tmp_path / "a.npz")
    assert back.accuracy == one.accuracy
    assert set(back.features) == {"train", "select", "unlabeled"}
    for rule in ("consensus", "reverse_validation", "source"):
        assert number(rule, back) == pytest.approx(number(rule, one), abs=2e-3)


@pytest.fixture(scope="module")
def domains():
    (x, y), (u, v) = (synthetic.images(120, seed=s) for s in (0, 1))
    return kg.data.Data.domains(source=(x, y), target=kg.data.load((u, v)))


@pytest.fixture(scope="module")
def models(domains):
    found = []
    for seed in range(3):
        kg.core.set_seed(seed)
        model = kg.image_classifier(domains.shape, domains.classes, size="tiny")
        method = kg.create("method", "erm", model, domains.task)
        method.compile("adam")
        method.fit(domains.batches("train", 16), epochs=1 + seed, verbose=0)
        found.append(model)
    return found


def others(data):
    """The same data with labels of the target permuted, and with none."""
    part = data.splits["target"]
    wrong = (np.asarray(part.y) + 1) % data.classes
    part = dataclasses.replace(part, y=wrong)
    splits = {**data.splits, "target": part}
    bare = {k: v for k, v in data.splits.items() if k != "target"}
    return [dataclasses.replace(data, splits=each) for each in (splits, bare)]


# Each is asked for every model and copy of the data; some train a model of
# their own. That rules see no labels is also tested on evidence.
BRIEF = ("consensus", "entropy", "oracle")


@pytest.mark.parametrize(
    "rule",
    [
        rule if rule in BRIEF else pytest.param(rule, marks=pytest.mark.slow)
        for rule in RULES
    ],
)
def test_no_rule_but_the_oracle_needs_the_targets_labels(rule, domains, models):
    permuted, bare = others(domains)
    known = [judge(rule, model, domains) for model in models]
    if rule == "oracle":
        assert known != [judge(rule, model, permuted) for model in models]
        with pytest.raises(ValueError, match="an oracle needs"):
            judge(rule, models[0], bare)
        return
    for data in (permuted, bare):
        assert known == [judge(rule, model, data) for model in models]


def test_choose_is_compare_and_needs_no_labels(domains, models):
    place, table = choose(models, domains)
    evidences = [gather(model, domains, features=False) for model in models]
    assert table == compare(evidences)
    assert place == int(np.argmax([row["score"] for row in table]))
    for data in others(domains):
        assert choose(models, data) == (place, table)
    with pytest.raises(ValueError, match=r"Data\.domains"):
        choose(models, kg.data.load("digits"))


def tuned(data, folder, objective):
    recipe = kg.Recipe(
        name="shift",
        data=data,
        model={"name": "image_classifier", "size": "tiny"},
        method="coral",
        epochs=1,
        probes=("clean",),
    )
    return kg.tune(
        recipe,
        folder,
        trials=2,
        keep=1,
        objective=objective,
        space=["method.weight"],
        verbose=0,
    )


@pytest.mark.slow
def test_tune_chooses_alike_whatever_the_targets_labels(domains, tmp_path):
    permuted, _ = others(domains)
    first = tuned(domains, tmp_path / "first", "consensus")
    second = tuned(permuted, tmp_path / "second", "consensus")
    scores = [
        [row["select/consensus"] for row in one.table]
        for one in (first, second)
    ]
    assert scores[0] == scores[1] and len(scores[0]) == 2
    assert first.recipe.method == second.recipe.method
    told = first.report.context["selection"]
    assert told["rule"].endswith("on the target, without its labels")
    candidates = {row["trial"]: row for row in told["candidates"]}
    assert candidates[told["trial"]]["score"] == max(scores[0]) == told["value"]
    assert len(list((tmp_path / "first" / "trials").iterdir())) == 1


@pytest.mark.slow
def test_the_oracle_says_that_it_looked(domains, tmp_path):
    told = tuned(domains, tmp_path, "oracle").report.context["selection"]
    assert told["rule"].endswith("on the target's labels, as no user could")
