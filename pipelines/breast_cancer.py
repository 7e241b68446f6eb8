"""Breast cancer (Wisconsin, 30 measurements of a cell nucleus): a small net.

    kerasgen run pipelines/breast_cancer.py

Five folds beside the ordinary split, since one test split of 114 is small.
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="breast_cancer",
    data={"source": "breast_cancer"},
    model={"name": "tabular_classifier", "size": "small", "dropout": 0.2},
    method={"name": "erm", "step": {"name": "sam", "rho": 0.05}},
    optimizer={"name": "adamw", "learning_rate": 1e-3, "weight_decay": 3e-2},
    augment=({"name": "noise", "scale": 0.1},),
    batch_size=32,
    epochs=40,
    folds=5,
    expect={"folds/accuracy": (0.975, 0.01)},
)

if __name__ == "__main__":
    kg.run(recipe)
