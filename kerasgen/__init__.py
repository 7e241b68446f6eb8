"""kerasgen: Keras models that keep working when the world changes."""

from kerasgen.quiet import import_quietly

import_quietly("tensorflow")

from kerasgen import (  # noqa: E402 — TensorFlow must come first, quietly
    attacks,
    augment,
    callbacks,
    core,
    data,
    layers,
    losses,
    methods,
    metrics,
    models,
    online,
    tasks,
)
from kerasgen.core import create, parts, register  # noqa: E402
from kerasgen.data import Data  # noqa: E402
from kerasgen.evaluate import Report, evaluate  # noqa: E402
from kerasgen.models import (  # noqa: E402
    anomaly_detector,
    audio_classifier,
    classic,
    clusterer,
    image_classifier,
    recommender,
    segmenter,
    tabular_classifier,
    tabular_regressor,
    tagger,
    text_classifier,
    topic_model,
    video_classifier,
)
from kerasgen.recipe import Recipe, Run, load_run, run  # noqa: E402
from kerasgen.serve import export  # noqa: E402
from kerasgen.tasks import (  # noqa: E402
    Anomaly,
    Classification,
    Clustering,
    GaussianRegression,
    MultiTask,
    QuantileRegression,
    Rating,
    Recommendation,
    Regression,
    Segmentation,
    Tagging,
    Topics,
)
from kerasgen.tune import tune  # noqa: E402
from kerasgen.version import __version__  # noqa: E402

__all__ = [
    "Anomaly",
    "Classification",
    "Clustering",
    "Data",
    "GaussianRegression",
    "MultiTask",
    "QuantileRegression",
    "Rating",
    "Recipe",
    "Recommendation",
    "Regression",
    "Report",
    "Run",
    "Tagging",
    "Segmentation",
    "Topics",
    "__version__",
    "anomaly_detector",
    "attacks",
    "audio_classifier",
    "augment",
    "callbacks",
    "classic",
    "clusterer",
    "core",
    "create",
    "data",
    "evaluate",
    "export",
    "image_classifier",
    "layers",
    "load_run",
    "losses",
    "methods",
    "metrics",
    "models",
    "online",
    "parts",
    "recommender",
    "register",
    "run",
    "segmenter",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "tasks",
    "text_classifier",
    "topic_model",
    "tune",
    "video_classifier",
]
