"""The doctor tells what it finds, and what would mend it."""

import time

from kerasgen import doctor


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
