"""What a callback must remember to go on after a kill."""

import keras
import numpy as np
from keras import ops


class Remembering(keras.callbacks.Callback):
    """A callback whose state a checkpoint can hold.

    `get_state` gives a dict of numbers, strings, None, lists and NumPy
    arrays; `set_state` takes it back. A callback without state of its own
    needs neither.
    """

    def get_state(self):
        """Gives what must be remembered.

        Returns:
            dict.
        """
        return {}

    def set_state(self, state):
        """Takes back what `get_state` gave.

        Args:
            state: dict.
        """


def hook(method, update):
    """Calls an update in the graph after each of a method's steps.

    That of another callback of the same class, from an earlier training, is
    put away.

    Args:
        method: kerasgen Method.
        update: bound method of a callback, without arguments.
    """
    kind = type(update.__self__)
    method.hooks = [
        each
        for each in method.hooks
        if not isinstance(getattr(each, "__self__", None), kind)
    ]
    method.hooks.append(update)
    method.make_train_function(force=True)


def read(variable):
    """Reads a variable, one copy of it where it is mirrored.

    Args:
        variable: keras.Variable.

    Returns:
        NumPy array, a copy.

    Example:
        >>> read(keras.Variable([1.0, 2.0])).tolist()
        [1.0, 2.0]
    """
    return np.array(ops.convert_to_tensor(variable))
