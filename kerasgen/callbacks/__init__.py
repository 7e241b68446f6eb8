"""What happens around the batches of a training."""

from kerasgen.callbacks.average import Average
from kerasgen.callbacks.guard import NaNGuard
from kerasgen.callbacks.keep import Keep
from kerasgen.callbacks.progress import Progress
from kerasgen.callbacks.schedule import WarmUpCosine
from kerasgen.callbacks.standard import standard
from kerasgen.callbacks.state import Remembering, read
from kerasgen.callbacks.statistics import refresh_statistics
from kerasgen.callbacks.stop import EarlyStop
from kerasgen.callbacks.swa import SWA
from kerasgen.callbacks.swad import SWAD

__all__ = [
    "SWA",
    "SWAD",
    "Average",
    "EarlyStop",
    "Keep",
    "NaNGuard",
    "Progress",
    "Remembering",
    "WarmUpCosine",
    "read",
    "refresh_statistics",
    "standard",
]
