"""Factories: one line to a plain `keras.Model`."""

from kerasgen.models.anomaly import anomaly_detector
from kerasgen.models.audio_classifier import audio_classifier
from kerasgen.models.classic import classic
from kerasgen.models.classic_base import ClassicModel
from kerasgen.models.cluster import clusterer
from kerasgen.models.constrain import constrain
from kerasgen.models.image_classifier import image_classifier
from kerasgen.models.multi_task import multi_task
from kerasgen.models.recommender import recommender
from kerasgen.models.segmenter import segmenter
from kerasgen.models.seq2seq import seq2seq
from kerasgen.models.speech_recognizer import speech_recognizer
from kerasgen.models.tabular import tabular_classifier, tabular_regressor
from kerasgen.models.tagger import tagger
from kerasgen.models.text_classifier import text_classifier
from kerasgen.models.topics import plsa, top_words, topic_model, word_logs
from kerasgen.models.transfer_classifier import transfer_classifier
from kerasgen.models.video_classifier import video_classifier

__all__ = [
    "ClassicModel",
    "anomaly_detector",
    "audio_classifier",
    "classic",
    "clusterer",
    "constrain",
    "image_classifier",
    "multi_task",
    "plsa",
    "recommender",
    "segmenter",
    "seq2seq",
    "speech_recognizer",
    "tabular_classifier",
    "tabular_regressor",
    "transfer_classifier",
    "tagger",
    "text_classifier",
    "top_words",
    "topic_model",
    "video_classifier",
    "word_logs",
]
