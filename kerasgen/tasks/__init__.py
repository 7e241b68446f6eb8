"""What is asked of a model, and how it is judged."""

from kerasgen.tasks.anomaly import Anomaly
from kerasgen.tasks.base import Measure, Task
from kerasgen.tasks.clustering import Clustering
from kerasgen.tasks.gaussian import GaussianRegression
from kerasgen.tasks.label import Classification
from kerasgen.tasks.mask import Segmentation
from kerasgen.tasks.multi import MultiTask
from kerasgen.tasks.quantile import QuantileRegression
from kerasgen.tasks.recommend import Rating, Recommendation
from kerasgen.tasks.tags import Tagging
from kerasgen.tasks.topics import Topics
from kerasgen.tasks.transcription import Transcription
from kerasgen.tasks.translation import Translation
from kerasgen.tasks.value import Regression

__all__ = [
    "Anomaly",
    "Classification",
    "Clustering",
    "GaussianRegression",
    "Measure",
    "MultiTask",
    "QuantileRegression",
    "Rating",
    "Recommendation",
    "Regression",
    "Segmentation",
    "Tagging",
    "Task",
    "Topics",
    "Transcription",
    "Translation",
]
