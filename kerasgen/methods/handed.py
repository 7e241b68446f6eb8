"""Handed: what a method is given as an object: a teacher, an augmentation."""

import dataclasses

import keras

from kerasgen.methods.base import Method


@dataclasses.dataclass(frozen=True)
class Given:
    """A thing that is handed in; what makes use of it checks it.

    Args:
        what: str, what it is, in words.

    Example:
        >>> Given("a keras.Model, or None").check("Method", "teacher", None)
    """

    what: str
    search = None

    def check(self, where, name, value):
        """Gives the value as it came."""
        return value

    def legal(self):
        """Says what it is."""
        return self.what

    def outside(self):
        """Gives None: there is no one value that must be refused."""
        return None


class Handed(Method):
    """A method some of whose arguments are objects, which are saved along."""

    def get_config(self):
        """Gives the configuration, with what was handed in serialised."""
        config = super().get_config()
        for name in self._handed():
            config[name] = keras.saving.serialize_keras_object(config[name])
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the method, and what was handed in, from the configuration."""
        config = dict(config)
        for name in cls._handed():
            if isinstance(config.get(name), (dict, list)):
                config[name] = keras.saving.deserialize_keras_object(
                    config[name], custom_objects=custom_objects
                )
        return super().from_config(config, custom_objects)

    @classmethod
    def _handed(cls):
        table = cls.arguments.items()
        return [name for name, bounds in table if isinstance(bounds, Given)]
