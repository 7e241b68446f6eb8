"""What a wine is, and how strong: a class and a number from one model.

    kerasgen run pipelines/wine_pair.py

The 178 wines that scikit-learn brings along: the kind (three growers) and the
alcohol (percent by volume) from the other twelve measurements. Each task has
a head on one body, and their losses are weighed by what noise each has.
"""

from sklearn.datasets import load_wine

import kerasgen as kg

wine = load_wine(as_frame=True).frame
columns = [name.replace("/", "_per_") for name in wine.columns]
wine.columns = columns
kind, alcohol = wine.pop("target"), wine.pop("alcohol")
recipe = kg.Recipe(
    name="wine_pair",
    data=kg.data.load(
        (wine, {"kind": kind.to_numpy(), "alcohol": alcohol.to_numpy()}),
        task=kg.MultiTask(
            {
                "kind": kg.Classification(
                    3, labels=("first", "second", "third"), also=("f1",)
                ),
                "alcohol": kg.Regression(unit="%", also=("r2",)),
            }
        ),
        name="wine_pair",
    ),
    model={"name": "multi_task", "size": "small"},
    method="uncertainty_weighting",
    optimizer={"name": "adamw", "learning_rate": 5e-3},
    epochs=60,
    training={"patience": 15},
    probes=("clean", "cost"),
    expect={
        "clean/kind_accuracy": (0.97, 0.06),
        "clean/alcohol_mae": (0.40, 0.12),
    },
)

if __name__ == "__main__":
    kg.run(recipe)
