"""Phase: one move of a training step."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Phase:
    """One move of a training step.

    Args:
        objective: callable from a batch to a dict of scalar terms and the
            model's outputs (or None where they are not the task's).
        player: str, the name of the variables that move, from `players()`.
    """

    objective: object
    player: str = "model"
