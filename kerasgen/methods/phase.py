"""Phase: one move of a training step."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Phase:
    """One move of a training step.

    Args:
        objective: callable from a batch to a dict of scalar terms and the
            model's outputs (or None where they are not the task's).
        player: str, the name of the variables that move, from `players()`.
        optimizer: str, the player whose optimizer moves them, which must have
            them among its own; None: the player's. An optimizer that scales
            gradients keeps in a loan the scale of its own moves, and its
            count of steps.
    """

    objective: object
    player: str = "model"
    optimizer: str | None = None

    @property
    def owner(self):
        """str, the player whose optimizer makes the move."""
        return self.optimizer or self.player
