"""Digits with a long tail: a hundred of "0", and fewer of each that follows.

    kerasgen run pipelines/long_tail.py

The train split has 100 times as many of the first class as of the last; the
test split has all alike, so that its accuracy is the balanced one: about 0.75
by a plain training. The loss adds the logarithm of each class's share to the
logits, in training alone.
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="long_tail",
    data=kg.data.imbalance(kg.data.load("digits"), factor=100.0),
    model={"name": "image_classifier", "size": "small"},
    task={"criterion": {"name": "logit_adjusted", "tau": 1.0}},
    method={"name": "erm"},
    optimizer={"name": "adamw", "learning_rate": 3e-3, "weight_decay": 1e-2},
    augment=(
        {"name": "translate", "rate": 0.06},
        {"name": "rotate", "degrees": 8.0},
    ),
    batch_size=32,
    epochs=40,
    training={"patience": None},
    expect={"clean/accuracy": (0.85, 0.05)},
)

if __name__ == "__main__":
    kg.run(recipe)
