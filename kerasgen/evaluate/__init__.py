"""Questions to a trained model, and the report of the answers."""

from kerasgen.evaluate.attack import Attack
from kerasgen.evaluate.calibration import Calibration
from kerasgen.evaluate.certified import Certified
from kerasgen.evaluate.choose import choose
from kerasgen.evaluate.classic import Classic
from kerasgen.evaluate.clean import Clean
from kerasgen.evaluate.corruption import Corruption
from kerasgen.evaluate.cost import Cost
from kerasgen.evaluate.evaluate import evaluate
from kerasgen.evaluate.plots import curves
from kerasgen.evaluate.probe import Answer, Probe
from kerasgen.evaluate.report import Report
from kerasgen.evaluate.row import Row
from kerasgen.evaluate.shift import Shift
from kerasgen.evaluate.smoothed import Smoothed
from kerasgen.evaluate.subgroup import Subgroup

__all__ = [
    "Answer",
    "Attack",
    "Calibration",
    "Certified",
    "Classic",
    "Clean",
    "Corruption",
    "Cost",
    "Probe",
    "Report",
    "Row",
    "Shift",
    "Smoothed",
    "Subgroup",
    "choose",
    "curves",
    "evaluate",
]
