"""Models that go on adapting while they predict: model -> model."""

from kerasgen.online.base import Adapter
from kerasgen.online.batch_statistics import BatchStatistics
from kerasgen.online.eata import EATA
from kerasgen.online.memory import Memory
from kerasgen.online.normalization import StreamNormalization, restated
from kerasgen.online.tent import TENT

__all__ = [
    "EATA",
    "TENT",
    "Adapter",
    "BatchStatistics",
    "Memory",
    "StreamNormalization",
    "restated",
]
