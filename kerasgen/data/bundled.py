"""The data sets that scikit-learn brings along."""

import numpy as np
import sklearn.datasets

from kerasgen.core import one_of
from kerasgen.data.raw import from_arrays

NAMES = ("digits", "breast_cancer", "wine", "diabetes")


def from_sklearn(name):
    """Reads a bundled data set; nothing is downloaded.

    Args:
        name: "digits" (1,797 images of 8x8 pixels, scaled from 0-16 to
            0-255), "breast_cancer" (569 x 30), "wine" (178 x 13) or
            "diabetes" (442 x 10, a regression, in the units of the source).

    Returns:
        Raw.

    Raises:
        ValueError: for another name.

    Source:
        Alpaydin & Kaynak, 1998 (digits); Street et al., 1993 (breast cancer);
        Forina et al., 1991 (wine); Efron et al., 2004 (diabetes).

    Example:
        >>> from_sklearn("digits").x.shape
        (1797, 8, 8, 1)
    """
    one_of("load", "source", name, NAMES)
    if name == "diabetes":
        found = sklearn.datasets.load_diabetes(scaled=False)
    else:
        found = getattr(sklearn.datasets, f"load_{name}")()
    if name == "digits":
        x = np.round(found.images * (255.0 / 16.0)).astype("uint8")
        raw = from_arrays(x, found.target, name)
        raw.labels = tuple(map(str, found.target_names))
        return raw
    raw = from_arrays(found.data, found.target, name, list(found.feature_names))
    if name == "diabetes":
        raw.task = "regression"
    else:
        raw.labels = tuple(map(str, found.target_names))
    return raw
