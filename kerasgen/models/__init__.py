"""Factories: one line to a plain `keras.Model`."""

from kerasgen.models.anomaly import anomaly_detector
from kerasgen.models.audio_classifier import audio_classifier
from kerasgen.models.cluster import clusterer
from kerasgen.models.image_classifier import image_classifier
from kerasgen.models.tabular import tabular_classifier, tabular_regressor

__all__ = [
    "anomaly_detector",
    "audio_classifier",
    "clusterer",
    "image_classifier",
    "tabular_classifier",
    "tabular_regressor",
]
