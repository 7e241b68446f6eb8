"""How many stars somebody gives to a film: MovieLens-100k.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/movies.py

With movielens100k/ml100k.npz (100,000 ratings of 1,682 films by 943 people) in
the folder, a fifth of the ratings is tested. Without it, ratings stand in that
are drawn from tastes of rank two. Time tells how biases drift, and films that
somebody rated tell about the person.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"))
FILE = FOLDER / "movielens100k" / "ml100k.npz"


def stars():
    """Gives columns user, item and time, and ratings from 1 to 5."""
    if not FILE.exists():
        x, y = kg.data.synthetic.ratings(4000, users=80, items=60)
        pair = np.char.add(x["user"].astype(str), x["item"].astype(str))
        once = np.sort(np.unique(pair, return_index=True)[1])
        x = {name: values[once] for name, values in x.items()}
        return {**x, "time": once.astype("float64")}, y[once]
    with np.load(FILE) as z:
        x = {"user": z["user"], "item": z["item"], "time": z["timestamp"]}
        return {k: np.asarray(v) for k, v in x.items()}, z["rating"]


data = kg.data.load(
    stars(), kind="ratings", split=(0.76, 0.03, 0.01, 0.2), name="movies"
)
recipe = kg.Recipe(
    name="movies",
    data=data,
    model={"name": "recommender", "width": 64, "dropout": 0.5, "drift": 8},
    optimizer={"name": "adamw", "learning_rate": 5e-3, "weight_decay": 0.6},
    batch_size=1024 if FILE.exists() else 64,
    epochs=16 if FILE.exists() else 60,
    training={"patience": 3},
    probes=("clean",),
    expect={"clean/rmse": (0.915, 0.015) if FILE.exists() else (0.7, 0.15)},
)

if __name__ == "__main__":
    kg.run(recipe)
