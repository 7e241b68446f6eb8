"""pipeline: its benchmark runs, and its memory doesn't grow with the set."""

import pathlib
import re
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "benchmarks" / "pipeline.py"


@pytest.mark.slow
def test_the_benchmark_runs():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--smoke"],
        capture_output=True,
        text=True,
        cwd=SCRIPT.parents[1],
    )
    assert done.returncode == 0, done.stderr
    ratio = float(re.search(r"MiB, ([\d.]+) times", done.stdout)[1])
    assert ratio < 1.2, done.stdout
    assert done.stdout.count("images/s") == 4
