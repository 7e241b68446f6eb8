"""Climbing and drawing: the worst of places, where fooled examples stop."""

import numpy as np

from kerasgen.attacks.ball import length, like
from kerasgen.attacks.base import fooled


def climb(
    victim,
    x,
    y,
    start,
    move,
    frame=(),
    *,
    steps=20,
    restarts=1,
    momentum=0.0,
    targeted=False,
    stop=True,
):
    """Gives the worst place of each example that some climbs come by.

    Examples that are fooled, as they are or by then, go no further: that
    saves most of the time and changes no count.

    Args:
        victim: Victim.
        x: float array (n, ...), the examples.
        y: int array (n,), labels or targets; else nothing stops.
        start: callable of the number of the climb and the rows (int array
            (m,)) to the places (m, ...) where they begin.
        move: callable `(place, slope, *frame)` to the next place; it may
            write over `slope`, which points upwards.
        frame: tuple of arrays (n, ...), the rows of which `move` gets;
            `start` may write what it draws there.
        steps: int, of each climb.
        restarts: int, the climbs.
        momentum: float, of the slopes before.
        targeted: bool, whether the loss is to fall and `y` to be reached.
        stop: bool, whether fooled examples stop.

    Returns:
        float32 array (n, ...).

    Example:
        >>> from kerasgen.attacks.victim import Victim, cross_entropy
        >>> victim = Victim(lambda x: x, cross_entropy)
        >>> x, y = np.float32([[0.5, 0.4]]), np.array([0])
        >>> climb(victim, x, y, lambda turn, rows: x[rows],
        ...       lambda place, slope: place + slope, steps=1).argmax(1)
        array([1])
    """
    sign = -1.0 if targeted else 1.0
    counted = stop and y.dtype.kind in "iu"
    losses, logits = victim.judge(x, y)
    best, worst = x.copy(), sign * losses
    rows = np.arange(len(x))
    if counted:
        rows = rows[~fooled(logits, y, targeted)]
    for turn in range(restarts):
        if not len(rows):
            break
        place = start(turn, rows)
        parts = [part[rows] for part in frame]
        memory = np.zeros_like(place) if momentum else None
        for step in range(steps + 1):
            last = step == steps
            if last:
                losses, logits = victim.judge(place, y[rows])
            else:
                losses, logits, slope = victim.slope(place, y[rows])
            hit = np.zeros(len(rows), bool)
            if counted:
                hit = fooled(logits, y[rows], targeted)
            better = hit | (sign * losses >= worst[rows])
            best[rows[better]] = place[better]
            worst[rows[better]] = sign * losses[better]
            if hit.any():
                stay = ~hit
                rows, place = rows[stay], place[stay]
                parts = [part[stay] for part in parts]
                slope = None if last else slope[stay]
                memory = memory[stay] if momentum else None
            if last or not len(rows):
                break
            slope = sign * slope if targeted else np.array(slope)
            if momentum:
                scale = like(np.maximum(length(slope, "1"), 1e-12), slope)
                memory = momentum * memory + slope / scale
                slope = memory.copy()
            place = move(place, slope, *parts)
    return best


def worst_of(victim, x, y, draws, draw):
    """Gives the worst of each example and of places that are drawn.

    Args:
        victim: Victim.
        x: float array (n, ...), the examples.
        y: int array (n,), labels; where it's of numbers, nothing stops.
        draws: int >= 1.
        draw: callable of rows (int array (m,)) to their places (m, ...).

    Returns:
        float32 array (n, ...).

    Example:
        >>> from kerasgen.attacks.victim import Victim, cross_entropy
        >>> x, y = np.float32([[0.5, 0.4]]), np.array([0])
        >>> worst_of(Victim(lambda x: x, cross_entropy), x, y, 1,
        ...          lambda rows: 1.0 - x[rows]).argmax(1)
        array([1])
    """

    def wrong(logits, rows):
        if y.dtype.kind in "iu":
            return fooled(logits, y[rows])
        return np.zeros(len(rows), bool)

    rows, best = np.arange(len(x)), x.copy()
    losses, logits = victim.judge(x, y)
    worst = np.array(losses)
    rows = rows[~wrong(logits, rows)]
    for _ in range(draws):
        if not len(rows):
            break
        place = draw(rows)
        losses, logits = victim.judge(place, y[rows])
        hit = wrong(logits, rows)
        better = hit | (losses > worst[rows])
        best[rows[better]] = place[better]
        worst[rows[better]] = losses[better]
        rows = rows[~hit]
    return best
