"""What is asked of a model, and how it is judged."""

from kerasgen.tasks.base import Measure, Task
from kerasgen.tasks.label import Classification
from kerasgen.tasks.mask import Segmentation
from kerasgen.tasks.multi import MultiTask
from kerasgen.tasks.tags import Tagging
from kerasgen.tasks.value import Regression

__all__ = [
    "Classification",
    "Measure",
    "MultiTask",
    "Regression",
    "Tagging",
    "Segmentation",
    "Task",
]
