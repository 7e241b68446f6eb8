"""Diabetes progression after a year from 10 measurements: a regression.

    kerasgen run pipelines/diabetes.py

The target has a standard deviation of 77; least squares leaves an error of
about 44 on unseen patients.
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="diabetes",
    data={"source": "diabetes"},
    model={"name": "tabular_regressor", "size": "small", "dropout": 0.3},
    method={"name": "erm", "step": {"name": "sam", "rho": 0.05}},
    optimizer={"name": "adamw", "learning_rate": 1e-3, "weight_decay": 3e-2},
    augment=({"name": "noise", "scale": 0.2},),
    batch_size=32,
    epochs=60,
    folds=5,
    expect={"folds/mae": (45.0, 3.0)},
)

if __name__ == "__main__":
    kg.run(recipe)
