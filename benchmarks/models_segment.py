"""Nuclei: Dice coefficient of segmenters beside Otsu's threshold.

    python benchmarks/models_segment.py --data FOLDER [--body unet ...]

The folder holds dsb2018_nuclei/nuclei128.npz. Training, its split of the
fluorescence images (kind 0) and the stained test set are those of
pipelines/nuclei.py; the threshold, of scikit-image, is taken on the same test
images, and on stained ones the ground is what is brighter. `--smoke` takes
seconds, on blobs.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from skimage.filters import threshold_otsu  # noqa: E402

PIPELINE = pathlib.Path(__file__).parents[1] / "pipelines" / "nuclei.py"


def otsu(images, dark):
    """Masks by a threshold for each image."""
    found = np.empty(images.shape[:3], "int64")
    for i, image in enumerate(images[..., 0]):
        level = threshold_otsu(image) if np.ptp(image) else image.max()
        found[i] = image < level if dark else image > level
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the set")
    parser.add_argument("--body", nargs="*", default=["unet"])
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--size", default="small")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.data is not None:
        os.environ["KERASGEN_DATA"] = str(args.data)

    import kerasgen as kg
    from kerasgen.cli import read_recipe
    from kerasgen.core import speak
    from kerasgen.recipe import build, load_data, train

    recipe = read_recipe(PIPELINE)
    if args.smoke:
        args.body, args.epochs, args.size = ["unet", "fpn"], 1, "tiny"
    if args.epochs:
        recipe = recipe.replace({"epochs": args.epochs})
    data = load_data(recipe)
    speak(2)
    measure = data.task.headline
    sets = {"test": False, "stained": True}
    for name, dark in sets.items():
        eye = np.eye(2)[otsu(data.raw(name), dark)]
        values = measure.values(np.asarray(data.splits[name].y), eye)
        print(f"otsu             {name:8} {measure.reduce_values(values):.4f}")
    for body in args.body:
        start = time.time()
        given = {"model.body": body, "model.size": args.size}
        chosen = recipe.replace(given)
        method = build(chosen, data)
        train(chosen, data, method, verbose=2)
        for name in sets:
            x, y = data.tensors(name)
            found = kg.metrics.bootstrap
            values = measure.values(y, method.model.predict(x, 64, verbose=0))
            low, high = found(values, measure.reduce, bounds=(0.0, 1.0))
            print(
                f"{body:16} {name:8} {measure.reduce_values(values):.4f} "
                f"[{low:.4f}, {high:.4f}], n = {len(y)}, "
                f"{(time.time() - start) / 60:.1f} min",
                flush=True,
            )
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
