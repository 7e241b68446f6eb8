"""The doctor tells what it finds, and what would mend it."""

import os
import pathlib
import subprocess
import sys
import time

import pytest

from kerasgen import doctor

ROOT = pathlib.Path(__file__).parents[1]


def test_all_is_well_within_a_minute():
    begin = time.monotonic()
    lines, well = doctor.doctor()
    text = "\n".join(lines)
    assert well, text
    assert lines[-1] == "all well" and time.monotonic() - begin < 60
    for word in ("tensorflow 2", "keras 3", "cores", "memory", "disk", "GPU"):
        assert word in text
    assert "fit, export, reload: well" in text


def test_a_failing_part_is_told(monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("the disk\nis full")

    monkeypatch.setattr(doctor, "export", broken)
    lines, well = doctor.trial()
    assert not well and "OSError: the disk is full" in lines[0]


def test_a_missing_package_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setattr(doctor, "_SHOWN", ("no-such-package",))
    lines, well = doctor.versions()
    assert not well and "pip install no-such-package" in lines[1]


def test_missing_extras_are_told(monkeypatch):
    needed = ["flwr>=1; extra == 'federated'", "numpy; extra == 'all'"]
    monkeypatch.setattr(
        doctor.importlib.metadata, "requires", lambda name: needed
    )
    assert doctor.extras()[0] == [
        "extra federated needs flwr: "
        'run pip install "kerasgen-toolkit[federated]"'
    ]


def test_a_package_that_is_too_old_is_told(monkeypatch):
    monkeypatch.setattr(
        doctor.importlib.metadata, "requires", lambda name: ["numpy>=999.1"]
    )
    lines, well = doctor.versions()
    assert not well
    assert any('run pip install "numpy>=999.1"' in line for line in lines)


def test_versions_are_compared_as_numbers():
    assert doctor._numbers("2.21.0") > doctor._numbers("2.3")
    assert doctor._numbers("2.21.0rc1") >= doctor._numbers("2.21")
    assert doctor._numbers("2.20.9+cpu") < doctor._numbers("2.21")


def test_a_system_that_does_not_tell_its_memory(monkeypatch):
    # As on Windows, which has neither of the two.
    monkeypatch.delattr(doctor.os, "sysconf")
    monkeypatch.delattr(doctor.os, "sched_getaffinity", raising=False)
    lines, well = doctor.machine()
    assert well and "cores" in lines[0] and "doesn't tell" in lines[1]


def test_memory_is_that_of_the_container(monkeypatch):
    told = {
        "/proc/meminfo": "MemTotal: 1 kB\nMemAvailable:  4194304 kB\n",
        "/sys/fs/cgroup/memory.max": "2147483648\n",
        "/sys/fs/cgroup/memory.current": "536870912\n",
    }
    monkeypatch.setattr(doctor, "_read", told.get)
    assert doctor._memory() == (2 * 2**30, 1.5 * 2**30)


def test_too_little_memory_or_disk_is_a_failure(monkeypatch):
    monkeypatch.setattr(doctor, "_memory", lambda: (2**30, 2**20))
    lines, well = doctor.machine()
    assert not well and "1 GiB is needed" in lines[1]


def test_why_there_is_no_gpu(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES hides it" in doctor._why_no_gpu()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    build = {"is_cuda_build": False}
    monkeypatch.setattr(doctor.tf.sysconfig, "get_build_info", lambda: build)
    assert "built without CUDA" in doctor._why_no_gpu()
    build |= {"is_cuda_build": True, "cuda_version": "12.5", "cudnn_version": 9}
    monkeypatch.setattr(doctor.ctypes.util, "find_library", lambda name: None)
    if not doctor.pathlib.Path("/proc/driver/nvidia/version").exists():
        assert "no NVIDIA driver" in doctor._why_no_gpu()
    monkeypatch.setattr(doctor.ctypes.util, "find_library", lambda name: "it")
    monkeypatch.setattr(doctor, "_loads", lambda name: "cudnn" not in name)
    found = doctor._why_no_gpu()
    assert "libcudnn.so.9 can't be loaded" in found
    assert "tensorflow[and-cuda]" in found


@pytest.mark.slow
def test_the_command_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "kerasgen", "doctor"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("ok      python 3") and lines[-1] == "all well"
    assert len(done.stderr.splitlines()) <= 1
