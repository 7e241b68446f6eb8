"""From a trained model to a SavedModel that anyone can serve."""

from kerasgen.serve.export import export, raw_feeds
from kerasgen.serve.predictor import Predictor
from kerasgen.serve.verify import fresh_answers, largest_gap
from kerasgen.serve.warmup import write_warmup

__all__ = [
    "Predictor",
    "export",
    "fresh_answers",
    "largest_gap",
    "raw_feeds",
    "write_warmup",
]
