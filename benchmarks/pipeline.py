"""Does the pipeline feed the model, and does its memory stay flat?

    python benchmarks/pipeline.py [--smoke]

JPEG files are made in a temporary folder. Speed: images a second of the whole
pipeline (read, decode, augment, prepare) against what a model takes in
training. Memory: the peak of a process that reads a set ten times larger than
what the pipeline holds, against a set a tenth its size.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import PIL.Image

# TensorFlow 2.21 on a processor with AVX-512 crashes in the gradient of a
# convolution at 224 pixels; read before it is imported.
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")


def write(folder, count, size, classes=4):
    """Photo-like JPEG files: smooth, with some noise."""
    random = np.random.default_rng(0)
    for index in range(count):
        rough = random.integers(0, 256, (8, 8, 3)).astype("uint8")
        image = PIL.Image.fromarray(rough).resize((size, size), 3)
        noise = random.integers(-12, 13, (size, size, 3))
        pixels = np.clip(np.asarray(image) + noise, 0, 255).astype("uint8")
        place = pathlib.Path(folder, f"class{index % classes}")
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{index:06}.jpg"
        PIL.Image.fromarray(pixels).save(path, quality=90)


def repeat(folder, into, times):
    """The same files under more names: no disk, and no time to make them."""
    for path in sorted(pathlib.Path(folder).rglob("*.jpg")):
        place = pathlib.Path(into, path.parent.name)
        place.mkdir(parents=True, exist_ok=True)
        for number in range(times):
            os.link(path, place / f"{number:04}-{path.name}")


def standard():
    import kerasgen as kg

    parts = kg.augment
    wanted = ("Flip", "Translate", "Brightness")
    return [getattr(parts, n)() for n in wanted if hasattr(parts, n)]


def streamed(folder):
    """Data that are read from their files in each epoch."""
    import kerasgen as kg

    data = kg.data.load(folder)
    sys.modules["kerasgen.data.data"]._FITS = 0
    return data


def rate(batches, seconds):
    """Images a second of a stream, after its first batches."""
    count, begin = 0, None
    for seen, (x, _) in enumerate(batches.repeat()):
        if seen == 3:
            begin = time.perf_counter()
        elif begin is not None:
            count += len(x)
            spent = time.perf_counter() - begin
            if spent > seconds:
                return count / spent


def appetite(data, batch, size, seconds):
    """Images a second that a model takes in training, fed from memory."""
    import tensorflow as tf

    import kerasgen as kg

    model = kg.image_classifier(data.shape, data.classes, size=size)
    method = kg.methods.ERM(model, data.task)
    method.compile("adam")
    x, y = next(iter(data.batches("train", batch)))
    held = tf.data.Dataset.from_tensors((x, y)).repeat()
    method.fit(held, steps_per_epoch=2, verbose=0)
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        method.fit(held, steps_per_epoch=4, verbose=0)
        steps += 4
    return steps * len(x) / (time.perf_counter() - begin)


def child(folder, batch):
    """Reads an epoch in this process and tells its peak."""
    data = streamed(folder)
    for _ in data.batches("train", batch, augment=standard()):
        pass
    sys.stdout.write(json.dumps({"peak": high_water()}) + "\n")


def high_water():
    """The most bytes that this process had in memory.

    `getrusage` would tell the parent's, where that was more.
    """
    status = pathlib.Path("/proc/self/status").read_text()
    line = next(x for x in status.splitlines() if x.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def peak(folder, batch):
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(folder), str(batch)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return json.loads(done.stdout.splitlines()[-1])["peak"]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--smoke", action="store_true")
    options.add_argument("--child", nargs=2)
    options = options.parse_args()
    if options.child:
        child(options.child[0], int(options.child[1]))
        return
    smoke = options.smoke
    files, pixels, batch = (48, 32, 8) if smoke else (512, 224, 32)
    seconds = 0.5 if smoke else 12
    with tempfile.TemporaryDirectory() as root:
        small, large = pathlib.Path(root, "small"), pathlib.Path(root, "large")
        write(small, files, pixels)
        repeat(small, large, 2 if smoke else 10)
        data = streamed(small)
        given = rate(data.batches("train", batch, augment=standard()), seconds)
        plain = rate(data.batches("train", batch), seconds)
        print(f"{pixels} px JPEG, batches of {batch}, {os.cpu_count()} cores")
        print(f"  pipeline, decode and prepare alone  {plain:9.0f} images/s")
        print(f"  pipeline with augmentation          {given:9.0f} images/s")
        for size in ("tiny", "small"):
            need = appetite(data, batch, size, seconds / 2)
            print(
                f"  a {size} model in training".ljust(38)
                + f"{need:9.0f} images/s, the pipeline gives "
                f"{given / need:.1f} times that"
            )
        peaks = [peak(folder, batch) for folder in (small, large)]
        print(
            f"  peak memory, {files} files".ljust(38)
            + f"{peaks[0] / 2**20:9.0f} MiB"
        )
        print(
            f"  peak memory, {files * (2 if smoke else 10)} files".ljust(38)
            + f"{peaks[1] / 2**20:9.0f} MiB, {peaks[1] / peaks[0]:.2f} times"
        )


if __name__ == "__main__":
    main()
