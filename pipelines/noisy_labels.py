"""Digits with wrong labels: two of five in the train split are wrong.

    kerasgen run pipelines/noisy_labels.py

Every label of the train split was replaced by another with a chance of 0.4;
those of the test split are right; there a plain training reaches about 0.71.
Nothing is stopped early, since that would take right labels.
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="noisy_labels",
    data=kg.data.label_noise(kg.data.load("digits"), rate=0.4),
    model={"name": "image_classifier", "size": "small"},
    method={"name": "elr", "weight": 5.0, "memory": 2048},
    optimizer={"name": "adamw", "learning_rate": 3e-3, "weight_decay": 1e-2},
    batch_size=32,
    epochs=30,
    training={"patience": None},
    expect={"clean/accuracy": (0.94, 0.04)},
)

if __name__ == "__main__":
    kg.run(recipe)
