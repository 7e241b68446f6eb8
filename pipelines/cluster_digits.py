"""Handwritten digits into ten clusters, without a label.

    kerasgen run pipelines/cluster_digits.py

scikit-learn's digits, 1,797 images of 8x8 pixels. Labels are for the report
alone: the accuracy is that under the best naming of the clusters.
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="cluster_digits",
    data=kg.data.load("digits", task=kg.Clustering(10)),
    model={"name": "clusterer", "kernel": "linear", "size": "small"},
    method={"name": "imsat"},
    optimizer={"name": "adam", "learning_rate": 2e-3},
    batch_size=128,
    epochs=60,
    training={"patience": None},
    probes=("clean", "cost"),
    expect={"clean/accuracy": (0.77, 0.12)},
)

if __name__ == "__main__":
    kg.run(recipe)
