"""doctor: can this machine train, evaluate and serve with what is installed?"""

import ctypes.util
import importlib.metadata
import os
import pathlib
import platform
import re
import shutil
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from kerasgen.core import say
from kerasgen.core.check import DISTRIBUTION
from kerasgen.data import load, synthetic
from kerasgen.serve import export
from kerasgen.version import __version__

OK, NOTE, FAILED = "ok", "note", "failed"
_CORE = ("tensorflow", "keras", "keras-tuner", "tensorboard", "numpy")
_GIB = 2**30


def doctor():
    """Checks the installation, the machine, and a small job from end to end.

    Returns:
        list of str, a line for each check: `ok`, `note` (something optional
        is absent) or `failed` with the remedy; and bool, whether none failed.

    Example:
        >>> lines, well = doctor()
        >>> lines[0].startswith("ok      python 3")
        True
    """
    found = []
    for check, remedy in _CHECKS:
        say("Checking %s ...", check.__name__.strip("_"))
        try:
            found += check()
        except Exception as error:  # noqa: BLE001 — a check must not end all
            cause = f"{type(error).__name__}: {error}".strip().replace(
                "\n", " "
            )
            name = check.__name__.strip("_")
            found.append((FAILED, f"{name}: {cause}", remedy))
    faults = sum(state == FAILED for state, _, _ in found)
    lines = [
        f"{state:<8}{text}" + (f"  ->  {remedy}" if remedy else "")
        for state, text, remedy in found
    ]
    lines.append(f"{faults} failed" if faults else "All is well.")
    return lines, not faults


def _versions():
    yield OK, f"python {platform.python_version()} on {platform.platform()}", ""
    yield OK, f"{DISTRIBUTION} {__version__}", ""
    needs = _needs()
    if needs is None:
        remedy = "python -m pip install -e . in its folder"
        yield NOTE, f"{DISTRIBUTION} runs from a folder, uninstalled", remedy
    lower = dict((needs or {}).get("", ()))
    for name in dict.fromkeys((*_CORE, *lower)):
        version = _installed(name)
        text, least = f"{name} {version or 'is absent'}", lower.get(name, "")
        if version and _numbers(version) >= _numbers(least):
            yield OK, text, ""
            continue
        wanted = f"{name}>={least}" if least else name
        remedy = f'python -m pip install --upgrade "{wanted}"'
        yield FAILED, f"{text}, {wanted} is needed", remedy


def _extras():
    for extra, packages in (_needs() or {}).items():
        absent = [
            name
            for name, least in packages
            if _numbers(_installed(name) or "") < _numbers(least or "0")
        ]
        if not extra:
            continue
        if absent:
            text = f"extra {extra!r} lacks {', '.join(absent)}"
            yield NOTE, text, f'python -m pip install "{DISTRIBUTION}[{extra}]"'
        else:
            yield OK, f"extra {extra!r} is complete", ""


def _needs():
    """Extra ("" for what is always needed) -> list of (name, least version)."""
    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    found = {}
    for line in lines:
        text, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", marker)
        name = re.match(r"\s*([A-Za-z0-9._-]+)", text).group(1)
        least = re.search(r">=\s*([\d.]+)", text)
        if name != DISTRIBUTION:
            key = extra.group(1) if extra else ""
            item = (name, least.group(1) if least else "")
            found.setdefault(key, []).append(item)
    return found


def _installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version):
    return tuple(int(n) for n in re.findall(r"\d+", version.split("+")[0])[:3])


def _machine():
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count()
    yield OK, f"{cores} processor cores", ""
    total, free = _memory()
    if total is None:
        yield NOTE, "memory: this system doesn't tell how much there is", ""
    else:
        text = f"memory {total / _GIB:.1f} GiB, {free / _GIB:.1f} GiB free"
        enough = free >= 2 * _GIB
        remedy = "" if enough else "Close other programs: 2 GiB are needed."
        yield OK if enough else FAILED, text, remedy
    for place in dict.fromkeys((os.getcwd(), tempfile.gettempdir())):
        disk = shutil.disk_usage(place).free
        enough = disk >= _GIB
        remedy = "" if enough else "Free some: 1 GiB is needed."
        state = OK if enough else FAILED
        yield state, f"disk {disk / _GIB:.1f} GiB free at {place}", remedy


def _memory():
    """Bytes in all and free, or None, None where the system doesn't tell."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total = free = page * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None, None
    tell = pathlib.Path("/proc/meminfo")
    if tell.exists():
        lines = dict(re.findall(r"(\w+):\s+(\d+) kB", tell.read_text("utf-8")))
        free = int(lines.get("MemAvailable", total // 1024)) * 1024
    # A container may have less than the machine.
    limit = _limit("memory.max")
    if limit is not None and limit < total:
        total, free = limit, min(free, limit - (_limit("memory.current") or 0))
    return total, free


def _limit(name):
    path = pathlib.Path("/sys/fs/cgroup", name)
    try:
        return int(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _accelerator():
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        details = tf.config.experimental.get_device_details(gpu)
        yield OK, f"GPU {details.get('device_name', gpu.name)}", ""
    if not gpus:
        why, remedy = _why_no_gpu()
        yield NOTE, f"no GPU: {why}", remedy


def _why_no_gpu():
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides it", "Unset that variable."
    build = tf.sysconfig.get_build_info()
    if not build.get("is_cuda_build"):
        remedy = 'On Linux: python -m pip install "tensorflow[and-cuda]"'
        return "this TensorFlow is built without CUDA", remedy
    driver = ctypes.util.find_library("cuda") or os.path.exists(
        "/proc/driver/nvidia/version"
    )
    if not driver:
        return "there is no NVIDIA driver (libcuda)", ""
    wanted = {
        f"libcudart.so.{str(build.get('cuda_version', '12')).split('.')[0]}",
        f"libcudnn.so.{build.get('cudnn_version', '9')}",
    }
    absent = sorted(name for name in wanted if not _loads(name))
    if absent:
        remedy = 'python -m pip install "tensorflow[and-cuda]"'
        return f"{' and '.join(absent)} can't be loaded", remedy
    return "the driver shows none", "Look at the output of nvidia-smi."


def _loads(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _job():
    begin = time.monotonic()
    x, y = synthetic.images(60, classes=2, shape=(8, 8, 1))
    data = load((x, y), name="doctor")
    inputs = keras.Input(data.shape)
    flat = keras.layers.Flatten()(inputs)
    outputs = keras.layers.Dense(data.task.units, name="head")(flat)
    model = keras.Model(inputs, outputs, name="doctor")
    model.compile("adam", data.task.loss())
    batch = data.batches("train", 32).take(1)
    loss = model.fit(batch, shuffle=False, verbose=0).history["loss"][0]
    took = time.monotonic() - begin
    if not np.isfinite(loss):
        raise FloatingPointError(f"the loss of one batch is {loss}")
    yield OK, f"one batch trained in {took:.1f} s", ""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        export(model, data, pathlib.Path(folder, "doctor"))
    took = time.monotonic() - begin
    yield OK, f"SavedModel exported and read back in {took:.1f} s", ""


_REINSTALL = f'python -m pip install --upgrade "{DISTRIBUTION}"'
# In the order of the report; a remedy for what a check didn't foresee.
_CHECKS = (
    (_versions, _REINSTALL),
    (_extras, _REINSTALL),
    (_machine, ""),
    (_accelerator, ""),
    (_job, _REINSTALL),
)
