"""torchattacks on weights from a file: the other side of auto_attack.py.

    python benchmarks/auto_attack_reference.py FOLDER

A process of its own, since PyTorch and TensorFlow in one may crash. Reads
weights.npz and job.json from the folder, and writes found.npz.
"""

import json
import pathlib
import sys
import time

import numpy as np

try:
    import torch
    import torchattacks
except ImportError as error:
    raise SystemExit(
        f"{error}. The reference needs PyTorch and torchattacks. "
        'Run: pip install "kerasgen-toolkit[bench]", or pass --ours.'
    ) from None


def network(weights):
    """The net of auto_attack.py in PyTorch."""
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 16, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 4, 2, 1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(1568, 100),
        nn.ReLU(),
        nn.Linear(100, 10),
    )
    # PyTorch flattens channels first.
    order = np.arange(1568).reshape(7, 7, 32).transpose(2, 0, 1).reshape(-1)
    turned = [
        weights[0].transpose(3, 2, 0, 1),
        weights[1],
        weights[2].transpose(3, 2, 0, 1),
        weights[3],
        weights[4][order].T,
        weights[5],
        weights[6].T,
        weights[7],
    ]
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), turned, strict=True):
            parameter.copy_(torch.tensor(np.ascontiguousarray(value)))
    return net.eval()


def main(folder):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    job = json.loads((folder / "job.json").read_text())
    with np.load(folder / "weights.npz") as z:
        x, y = z["x"], z["y"]
        net = network([z[f"weight{i}"] for i in range(8)])
    attack = getattr(torchattacks, job["name"])(net, **job["values"])
    if job["name"] == "AutoAttack":
        # Its own numbers of steps are not those of the standard.
        for part in attack._autoattack.attacks:
            if hasattr(part, "n_queries"):
                part.n_queries = job["queries"]
            else:
                part.steps = job["steps"]
    images, labels = torch.tensor(x.transpose(0, 3, 1, 2)), torch.tensor(y)
    start = time.perf_counter()
    parts = [
        attack(images[i : i + 250], labels[i : i + 250])
        for i in range(0, len(x), 250)
    ]
    seconds = time.perf_counter() - start
    found = torch.cat(parts).detach()
    with torch.no_grad():
        logits = net(images).numpy()
    found = found.numpy().transpose(0, 2, 3, 1)
    np.savez(folder / "found.npz", found=found, logits=logits, seconds=seconds)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
