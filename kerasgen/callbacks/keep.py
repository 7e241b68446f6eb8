"""Atomic checkpoints, and going on after a kill."""

import json
import pathlib
import zipfile

import numpy as np

from kerasgen.callbacks.state import Remembering, read
from kerasgen.core import Int, atomic_write, message, say


class Keep(Remembering):
    """Writes the whole state of a training after each epoch, and takes it up.

    A checkpoint holds every variable (weights, moving statistics, random
    states, each optimizer), the state of the other callbacks and the history.
    It is written beside and renamed; each part of it carries a checksum. When
    training begins, the newest sound checkpoint is loaded and training goes
    on behind its epoch; a damaged one is named in the log and passed over.

    Args:
        folder: path for the checkpoints of one training.
        keep: int >= 1, the number of checkpoints that stay.
        every: int >= 1, the epochs between two checkpoints.
        callbacks: list of the training's other callbacks, whose state belongs
            to it.

    Raises:
        ValueError: for an argument out of range, or a checkpoint of another
            model.

    Example:
        >>> Keep("runs/digits/checkpoints", keep=2).keep
        2
    """

    def __init__(self, folder, keep=2, every=1, callbacks=()):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.keep = Int(1).check("Keep", "keep", keep)
        self.every = Int(1).check("Keep", "every", every)
        self.callbacks = [c for c in callbacks if isinstance(c, Remembering)]
        self.history = []
        self.damaged = []
        self._fresh = False

    def on_train_begin(self, logs=None):
        """Loads the newest sound checkpoint, if there is one."""
        self.history = []
        for path in reversed(self.paths()):
            try:
                state, arrays = _read(path)
            except (
                zipfile.BadZipFile,
                OSError,
                ValueError,
                KeyError,
                EOFError,
            ) as e:
                self.damaged.append(str(path))
                say("Checkpoint %s is damaged (%s): passed over.", path, e)
                continue
            self._restore(path, state, arrays)
            return

    def _restore(self, path, state, arrays):
        variables = self._variables()
        shapes = [list(variable.shape) for variable in variables]
        if state["shapes"] != shapes:
            raise ValueError(
                message(
                    "Keep",
                    f"the checkpoint {path} must be of this model",
                    {
                        "variables": len(state["shapes"]),
                        "expected": len(shapes),
                    },
                    "Remove its folder to begin anew.",
                )
            )
        for index, variable in enumerate(variables):
            variable.assign(arrays[f"variable_{index}"])
        for index, callback in enumerate(self.callbacks):
            callback.set_state(_join(state["callbacks"][index], arrays))
        self.history = state["history"]
        self._fresh = True
        epoch = len(self.history)
        self.model._initial_epoch = epoch
        if state["stopped"]:
            self.model._initial_epoch = self.params["epochs"]
        say("Going on from %s, after epoch %d.", path, epoch)

    def on_epoch_begin(self, epoch, logs=None):
        """Gives the earlier epochs to Keras's own history."""
        self.model._initial_epoch = None
        if self._fresh:
            self._fresh = False
            for index, row in enumerate(self.history):
                self.model.history.on_epoch_end(index, row)

    def on_epoch_end(self, epoch, logs=None):
        """Writes a checkpoint."""
        self.history.append({k: float(v) for k, v in (logs or {}).items()})
        last = self.model.stop_training or epoch + 1 == self.params["epochs"]
        if (epoch + 1) % self.every and not last:
            return
        arrays = {}
        states = [
            _part(callback.get_state(), f"callback_{index}", arrays)
            for index, callback in enumerate(self.callbacks)
        ]
        variables = self._variables()
        for index, variable in enumerate(variables):
            arrays[f"variable_{index}"] = read(variable)
        state = {
            "history": self.history,
            "callbacks": states,
            "shapes": [list(variable.shape) for variable in variables],
            "stopped": bool(self.model.stop_training),
        }
        arrays["state"] = np.frombuffer(json.dumps(state).encode(), "uint8")
        path = self.folder / f"epoch_{epoch + 1:06d}.npz"
        with atomic_write(path, "wb") as file:
            np.savez(file, **arrays)
        for old in self.paths()[: -self.keep]:
            old.unlink()

    def on_train_end(self, logs=None):
        """Forgets where the training began."""
        self.model._initial_epoch = None

    def paths(self):
        """Lists the checkpoints, oldest first.

        Returns:
            list of pathlib.Path.
        """
        return sorted(self.folder.glob("epoch_*.npz"))

    def _variables(self):
        optimizers = getattr(self.model, "optimizers", None)
        optimizers = optimizers or {"model": self.model.optimizer}
        variables = list(self.model.non_trainable_variables)
        variables += self.model.trainable_variables
        for optimizer in optimizers.values():
            variables += optimizer.variables
        seen, unique = set(), []
        for variable in variables:
            if id(variable) not in seen:
                seen.add(id(variable))
                unique.append(variable)
        return unique


def _read(path):
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays.pop("state").tobytes().decode()), arrays


def _part(value, name, arrays):
    """Moves arrays out of a state, so that the rest is JSON."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {k: _part(v, f"{name}_{k}", arrays) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_part(v, f"{name}_{i}", arrays) for i, v in enumerate(value)]
    return value


def _join(value, arrays):
    if isinstance(value, dict):
        if set(value) == {"array"}:
            return arrays[value["array"]]
        return {k: _join(v, arrays) for k, v in value.items()}
    if isinstance(value, list):
        return [_join(v, arrays) for v in value]
    return value
