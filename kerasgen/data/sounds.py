"""Sound files: to samples, and whether they can be read at all."""

import os
import pathlib
import wave

import numpy as np
import tensorflow as tf

from kerasgen.core.check import need

SUFFIXES = (".wav", ".flac")
FOREIGN = (".mp3", ".ogg", ".m4a", ".aac", ".wma", ".aif", ".aiff")


def decode_sound(encoded, samples, rate):
    """Decodes WAV files to mono of one rate and length, in the graph.

    Channels are averaged, another rate is resampled, and what is longer or
    shorter is cut or padded with silence at its end.

    Args:
        encoded: string tensor () or (batch,), the bytes of WAV files of 16
            bits.
        samples: int, the length that comes out.
        rate: int, the rate that comes out, in Hz.

    Returns:
        float32 tensor (samples,) in [-1, 1], or (batch, samples).

    Example:
        >>> wav = tf.audio.encode_wav(tf.zeros((8, 1)), 8000)
        >>> decode_sound(wav, 4, 8000).shape
        TensorShape([4])
    """
    if len(encoded.shape):
        return tf.map_fn(
            lambda one: decode_sound(one, samples, rate),
            encoded,
            fn_output_signature=tf.TensorSpec((samples,), tf.float32),
        )
    signal, own = tf.audio.decode_wav(encoded)
    signal = tf.reduce_mean(signal, 1)
    signal = tf.cond(
        tf.equal(own, rate),
        lambda: signal,
        lambda: resample(signal, own, rate),
    )
    return fit_samples(signal, samples)


def resample(signal, own, rate):
    """Changes the rate of a sound by its spectrum, without aliases.

    Args:
        signal: float32 tensor (samples,).
        own: int, its rate in Hz.
        rate: int, the rate that it gets.

    Returns:
        float32 tensor (samples,), clipped to [-1, 1].

    Source:
        The method of `scipy.signal.resample`.

    Example:
        >>> resample(tf.zeros((8,)), 8000, 4000).shape
        TensorShape([4])
    """
    n = tf.shape(signal)[0]
    ratio = tf.cast(rate, tf.float64) / tf.cast(own, tf.float64)
    m = tf.cast(tf.round(tf.cast(n, tf.float64) * ratio), tf.int32)
    m = tf.maximum(m, 1)
    spectrum = tf.signal.rfft(signal)
    shared = tf.minimum(n, m)
    kept = spectrum[: shared // 2 + 1]
    # The middle bin of an even length stands for two.
    middle = tf.where(m < n, 2.0, 0.5) * tf.ones_like(tf.math.real(kept))
    here = tf.logical_and(tf.equal(shared % 2, 0), tf.not_equal(m, n))
    last = tf.equal(tf.range(tf.shape(kept)[0]), shared // 2)
    factor = tf.where(tf.logical_and(here, last), middle, 1.0)
    kept = kept * tf.cast(factor, kept.dtype)
    kept = tf.pad(kept, [[0, m // 2 + 1 - tf.shape(kept)[0]]])
    found = tf.signal.irfft(kept, [m])
    found *= tf.cast(m, tf.float32) / tf.cast(n, tf.float32)
    return tf.clip_by_value(found, -1.0, 1.0)


def fit_samples(signal, samples):
    """Cuts a sound, or pads it with silence at its end.

    Args:
        signal: float32 tensor (samples,).
        samples: int.

    Returns:
        float32 tensor (samples,).

    Example:
        >>> fit_samples(tf.ones((2,)), 3).numpy().tolist()
        [1.0, 1.0, 0.0]
    """
    signal = signal[:samples]
    signal = tf.pad(signal, [[0, samples - tf.shape(signal)[0]]])
    return tf.ensure_shape(signal, (samples,))


def read_flac(path):
    """Reads a FLAC file, channels averaged.

    Args:
        path: path, or bytes of it.

    Returns:
        float32 array (samples,), and the rate in Hz as int32.

    Raises:
        ImportError: where `soundfile` isn't installed.
    """
    # TensorFlow hands over bytes in an array.
    path = os.fsdecode(getattr(path, "item", lambda: path)())
    signal, own = need("soundfile", "audio").read(
        path, dtype="float32", always_2d=True
    )
    return signal.mean(1, dtype="float32"), np.int32(own)


def inspect_sound(path):
    """Reads as far as it takes to know that a sound file is sound.

    Args:
        path: path of the file.

    Returns:
        Tuple of (samples, rate), the number of channels, and None; or None,
        None and the reason why it can't be read.

    Raises:
        ImportError: for FLAC, where `soundfile` isn't installed.

    Example:
        >>> inspect_sound("no/such.wav")[2]
        'no such file'
    """
    path = pathlib.Path(path)
    try:
        if path.stat().st_size == 0:
            return None, None, "the file is empty"
        if path.suffix.lower() == ".flac":
            return _inspect_flac(path)
        if path.suffix.lower() not in SUFFIXES:
            return None, None, f"format {path.suffix} is not WAV or FLAC"
        return _inspect_wav(path)
    except FileNotFoundError:
        return None, None, "no such file"
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 — each reader has its own kinds
        text = " ".join(str(error).replace(str(path), "").split())
        return None, None, text or type(error).__name__


def _inspect_flac(path):
    with need("soundfile", "audio").SoundFile(str(path)) as file:
        told, rate, channels = file.frames, file.samplerate, file.channels
        found = sum(len(block) for block in file.blocks(2**16))
    if found < told or not found:
        return None, None, f"{found} of {told} samples are there"
    return (found, rate), channels, None


def _inspect_wav(path):
    with wave.open(str(path), "rb") as file:
        told, width = file.getnframes(), file.getsampwidth()
        channels, rate = file.getnchannels(), file.getframerate()
        if width != 2:
            return None, None, f"{8 * width} bits; save as 16 bit"
        found = 0
        while block := file.readframes(2**16):
            found += len(block) // (width * channels)
    if found < told or not found:
        return None, None, f"{found} of {told} samples are there"
    return (found, rate), channels, None
