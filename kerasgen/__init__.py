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
    audio_classifier,
    image_classifier,
    segmenter,
    tabular_classifier,
    tabular_regressor,
    tagger,
    text_classifier,
    video_classifier,
)
from kerasgen.recipe import Recipe, Run, load_run, run  # noqa: E402
from kerasgen.serve import export  # noqa: E402
from kerasgen.tasks import (  # noqa: E402
    Classification,
    MultiTask,
    Regression,
    Tagging,
    Segmentation,
)
from kerasgen.tune import tune  # noqa: E402
from kerasgen.version import __version__  # noqa: E402

__all__ = [
    "Classification",
    "Data",
    "MultiTask",
    "Recipe",
    "Regression",
    "Report",
    "Run",
    "Tagging",
    "Segmentation",
    "__version__",
    "attacks",
    "audio_classifier",
    "augment",
    "callbacks",
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
    "segmenter",
    "tabular_classifier",
    "tabular_regressor",
    "tagger",
    "tasks",
    "text_classifier",
    "tune",
    "video_classifier",
]
