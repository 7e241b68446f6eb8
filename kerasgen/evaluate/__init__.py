"""Questions to a trained model, and the report of the answers."""

from kerasgen.evaluate.calibration import Calibration
from kerasgen.evaluate.choose import choose
from kerasgen.evaluate.clean import Clean
from kerasgen.evaluate.corruption import Corruption
from kerasgen.evaluate.cost import Cost
from kerasgen.evaluate.evaluate import evaluate
from kerasgen.evaluate.plots import curves
from kerasgen.evaluate.probe import Answer, Probe
from kerasgen.evaluate.report import Report
from kerasgen.evaluate.row import Row
from kerasgen.evaluate.shift import Shift
from kerasgen.evaluate.subgroup import Subgroup

__all__ = [
    "Answer",
    "Calibration",
    "Clean",
    "Corruption",
    "Cost",
    "Probe",
    "Report",
    "Row",
    "Shift",
    "Subgroup",
    "choose",
    "curves",
    "evaluate",
]
