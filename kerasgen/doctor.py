"""doctor: can this machine train, evaluate and serve with what is installed?"""

import ctypes
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

_OK, _NOTE, _FAILED = "ok", "note", "failed"
_SHOWN = ("tensorflow", "keras", "keras-tuner", "tensorboard", "numpy")
_GIB = 2**30


def doctor():
    """Checks the installation, the machine, and a small job from end to end.

    Returns:
        list of str, a line for each check that begins with `ok`, `note`
        (something optional is absent) or `failed`, with the remedy; and
        bool, whether none failed.

    Example:
        >>> lines, well = doctor()
        >>> lines[0].startswith("ok      python 3")
        True
    """
    found = []
    for check in (_versions, _extras, _machine, _accelerator, _trial):
        name = check.__name__.strip("_")
        say("Checking: %s ...", name)
        found += _guarded(check)
    faults = sum(state == _FAILED for state, _ in found)
    lines = [f"{state:<8}{text}" for state, text in found]
    return [*lines, f"{faults} failed" if faults else "all well"], not faults


def versions():
    """Tells the versions of what the package stands on.

    Returns:
        list of str, and bool, whether all of it is there and new enough.

    Example:
        >>> versions()[0][0].startswith("python 3")
        True
    """
    return _report(_versions)


def extras():
    """Tells which extras of this distribution lack packages.

    Returns:
        list of str, a line for each such extra, and True: extras are optional.

    Example:
        >>> extras()[1]
        True
    """
    return _report(_extras)


def machine():
    """Tells what there is of processors, memory, disk and GPU.

    Returns:
        list of str, and bool, whether it is enough for a small job.

    Example:
        >>> "cores" in machine()[0][0]
        True
    """
    lines, well = _report(_machine)
    return [*lines, *_report(_accelerator)[0]], well


def trial():
    """Trains on one batch, exports, and reads the export back.

    Returns:
        list of str, and bool, whether all of it worked.
    """
    return _report(_trial)


def _report(check):
    found = _guarded(check)
    well = all(state != _FAILED for state, _ in found)
    return [text for _, text in found], well


def _guarded(check):
    """What a check finds; one that breaks must not end the others."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 — whatever it is, it is told
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        remedy = f'run pip install --upgrade "{DISTRIBUTION}"'
        name = check.__name__.strip("_")
        return [(_FAILED, f"{name}: {cause}; if it stays, {remedy}")]


def _versions():
    system = f"{platform.system()} {platform.machine()}"
    yield _OK, f"python {platform.python_version()} on {system}"
    lower = dict(_needed().get("", ()))
    for name in dict.fromkeys((*_SHOWN, *lower)):
        version, least = _installed(name), lower.get(name, "0")
        if version and _numbers(version) >= _numbers(least):
            yield _OK, f"{name} {version}"
            continue
        wanted = f'"{name}>={least}"' if name in lower else name
        told = f"{name} {version or 'is absent'}"
        yield _FAILED, f"{told}: run pip install {wanted}"
    told = f"{DISTRIBUTION} {__version__}"
    if _installed(DISTRIBUTION):
        yield _OK, told
    else:
        remedy = "run pip install --editable . in its folder"
        yield _NOTE, f"{told} isn't installed: {remedy}"


def _extras():
    for extra, packages in _needed().items():
        absent = [
            name
            for name, least in packages
            if _numbers(_installed(name) or "") < _numbers(least)
        ]
        if extra and absent:
            yield (
                _NOTE,
                f"extra {extra} needs {', '.join(absent)}: "
                f'run pip install "{DISTRIBUTION}[{extra}]"',
            )


def _needed():
    """Extra ("" for what is always needed) -> list of (name, least version)."""
    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or ()
    except importlib.metadata.PackageNotFoundError:
        return {}
    found = {}
    for line in lines:
        text, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", marker)
        name = re.match(r"\s*([A-Za-z0-9._-]+)", text).group(1)
        least = re.search(r">=\s*([\d.]+)", text)
        if name != DISTRIBUTION:
            key = extra.group(1) if extra else ""
            item = (name, least.group(1) if least else "0")
            found.setdefault(key, []).append(item)
    return found


def _installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version):
    """The release as numbers; "2.21.0rc1" counts as 2.21.0."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()


def _machine():
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count()
    yield _OK, f"{cores} processor cores"
    total, free = _memory()
    if total is None:
        yield _NOTE, "memory: this system doesn't tell how much there is"
    else:
        text = f"memory {total / _GIB:.1f} GiB, {free / _GIB:.1f} GiB free"
        enough = free >= _GIB
        remedy = "" if enough else ": close other programs, 1 GiB is needed"
        yield _OK if enough else _FAILED, text + remedy
    for place in dict.fromkeys((os.getcwd(), tempfile.gettempdir())):
        free = shutil.disk_usage(place).free
        enough = free >= _GIB
        text = f"disk {free / _GIB:.1f} GiB free in {place}"
        remedy = "" if enough else ": free some, 1 GiB is needed"
        yield _OK if enough else _FAILED, text + remedy


def _memory():
    """Bytes in all and free, or None, None where the system doesn't tell."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None, None
    told = _read("/proc/meminfo")
    free = re.search(r"MemAvailable:\s+(\d+) kB", told)
    free = int(free.group(1)) * 1024 if free else total
    # A container may have less than the machine.
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    if limit.isdigit() and int(limit) < total:
        used = _read("/sys/fs/cgroup/memory.current").strip()
        total = int(limit)
        free = min(free, total - int(used if used.isdigit() else 0))
    return total, free


def _read(path):
    try:
        return pathlib.Path(path).read_text("utf-8")
    except OSError:
        return ""


def _accelerator():
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        details = tf.config.experimental.get_device_details(gpu)
        yield _OK, f"GPU {details.get('device_name', gpu.name)}"
    if not gpus:
        yield _NOTE, f"no GPU: {_why_no_gpu()}"


def _why_no_gpu():
    remedy = 'run pip install "tensorflow[and-cuda]"'
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides it; unset that variable to use one"
    build = tf.sysconfig.get_build_info()
    if not build.get("is_cuda_build"):
        return f"this TensorFlow is built without CUDA; on Linux {remedy}"
    proc = pathlib.Path("/proc/driver/nvidia/version")
    if not proc.exists() and ctypes.util.find_library("cuda") is None:
        return "there is no NVIDIA driver (libcuda)"
    cuda = str(build.get("cuda_version", "12")).split(".")[0]
    wanted = (f"libcudart.so.{cuda}", f"libcudnn.so.{build['cudnn_version']}")
    absent = [name for name in wanted if not _loads(name)]
    if absent:
        return f"{' and '.join(absent)} can't be loaded; {remedy}"
    return "the driver shows none; nvidia-smi tells more"


def _loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _trial():
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
    if not np.isfinite(loss):
        raise FloatingPointError(f"the loss of the first batch is {loss}")
    with tempfile.TemporaryDirectory() as folder:
        export(model, data, pathlib.Path(folder, "doctor"))
    took = time.monotonic() - begin
    yield _OK, f"fit, export, reload: well, in {took:.1f} s"
