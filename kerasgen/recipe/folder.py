"""The folder of a run: what it was made with, and whether it may go on."""

import hashlib
import json
import os
import pathlib

import kerasgen.version
from kerasgen.core import atomic_write, message

_FILE = "run.json"


def code_fingerprint():
    """Hashes the package's source, so that a run isn't mixed of two codes.

    Returns:
        str, the version and 12 hexadecimal digits.

    Example:
        >>> code_fingerprint().startswith(kerasgen.version.__version__)
        True
    """
    root = pathlib.Path(kerasgen.version.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return f"{kerasgen.version.__version__}+{digest.hexdigest()[:12]}"


def claim(folder, **made_with):
    """Opens a run's folder, or refuses one that was made with other things.

    Args:
        folder: path of the run's folder; it is made.
        **made_with: JSON values that must not change while a run goes on.

    Returns:
        pathlib.Path of the folder.

    Raises:
        ValueError: naming what changed, and the two ways out.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> claim(folder, seed=1) == claim(folder, seed=1)
        True
    """
    folder = pathlib.Path(folder)
    path = folder / _FILE
    made_with = json.loads(
        json.dumps({**made_with, "code": code_fingerprint()})
    )
    if not path.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise ValueError(
                message(
                    "run",
                    f"the folder {folder} must be empty or an earlier run's",
                    {"files": sorted(p.name for p in folder.iterdir())[:3]},
                    "Choose another folder.",
                )
            )
        with atomic_write(path) as file:
            json.dump(made_with, file, indent=2)
        return folder
    before = json.loads(path.read_text("utf-8"))
    changed = [
        f"{name} (was {_short(before.get(name))}, "
        f"is {_short(made_with.get(name))})"
        for name in sorted({*before, *made_with})
        if before.get(name) != made_with.get(name)
    ]
    if changed:
        raise ValueError(
            message(
                "run",
                f"{folder} was made with other things: {'; '.join(changed)}",
                None,
                "Choose another folder, or remove this one to begin anew.",
            )
        )
    return folder


def save_model(model, path):
    """Saves a Keras model so that its file is whole or absent.

    Args:
        model: keras.Model.
        path: path that ends with ".keras".

    Example:
        >>> import tempfile, kerasgen as kg
        >>> path = pathlib.Path(tempfile.mkdtemp(), "model.keras")
        >>> save_model(kg.tabular_regressor((3,), size="tiny"), path)
        >>> path.exists()
        True
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    model.save(temporary)
    os.replace(temporary, path)


def _short(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
