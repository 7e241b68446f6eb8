"""Warm-up requests, as TensorFlow Serving reads them when it starts.

The messages of `tensorflow_serving.apis` have few fields that matter here;
they are written in protobuf's wire format, so that no package is needed.
"""

import pathlib

import tensorflow as tf

# PredictionLog.predict_log, PredictLog.request, PredictRequest.model_spec and
# .inputs, ModelSpec.name and .signature_name, and a map entry's key and value.
_PREDICT_LOG, _REQUEST = 6, 1
_MODEL_SPEC, _INPUTS = 1, 2
_NAME, _SIGNATURE = 1, 3
_KEY, _VALUE = 1, 2


def write_warmup(folder, name, requests):
    """Writes `assets.extra/tf_serving_warmup_requests`.

    Args:
        folder: pathlib.Path of the version folder.
        name: str, the model's name.
        requests: list of pairs of a signature's name and a dict of input name
            to array.

    Returns:
        pathlib.Path of the file.

    Source:
        TensorFlow Serving, "SavedModel Warmup"; prediction_log.proto,
        predict.proto and model.proto of tensorflow_serving/apis.

    Example:
        >>> import tempfile
        >>> path = write_warmup(tempfile.mkdtemp(), "m", [("s", {"x": [1.0]})])
        >>> path.name
        'tf_serving_warmup_requests'
    """
    path = pathlib.Path(folder, "assets.extra", "tf_serving_warmup_requests")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests:
            writer.write(_prediction_log(name, signature, inputs))
    return path


def _prediction_log(name, signature, inputs):
    spec = _field(_NAME, name.encode()) + _field(_SIGNATURE, signature.encode())
    request = _field(_MODEL_SPEC, spec)
    for key, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        entry = _field(_KEY, key.encode()) + _field(_VALUE, tensor)
        request += _field(_INPUTS, entry)
    return _field(_PREDICT_LOG, _field(_REQUEST, request))


def _field(number, content):
    """One length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value):
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
