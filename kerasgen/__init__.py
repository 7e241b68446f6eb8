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
    clusterer,
    image_classifier,
    seq2seq,
    tabular_classifier,
    tabular_regressor,
    tagger,
    text_classifier,
    topic_model,
)
from kerasgen.recipe import Recipe, Run, load_run, run  # noqa: E402
from kerasgen.serve import export  # noqa: E402
from kerasgen.tasks import (  # noqa: E402
    Anomaly,
    Classification,
    Clustering,
    MultiTask,
    Regression,
    Tagging,
    Topics,
    Translation,
)
from kerasgen.tune import tune  # noqa: E402
from kerasgen.version import __version__  # noqa: E402

__all__ = [
    "Anomaly",
    "Classification",
    "Clustering",
    "Data",
    "MultiTask",
    "Recipe",
    "Regression",
    "Report",
    "Run",
    "Tagging",
    "Topics",
    "Translation",
    "__version__",
    "anomaly_detector",
    "attacks",
    "audio_classifier",
    "augment",
    "callbacks",
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
    "register",
    "run",
    "seq2seq",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "tasks",
    "text_classifier",
    "topic_model",
    "tune",
]
