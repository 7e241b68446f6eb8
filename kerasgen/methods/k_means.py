"""k-means in the graph: where centres of clusters begin."""

from keras import ops


def k_means(points, weights, draws, rounds=20):
    """Finds centres by Lloyd's method, the best of several starts.

    Args:
        points: float tensor (n, features).
        weights: float tensor (n,) >= 0, how much each point counts.
        draws: float tensor (starts, clusters) in (0, 1], drawn uniformly: what
            each start picks its centres by.
        rounds: int >= 1, the moves of each start.

    Returns:
        float tensor (clusters, features).

    Source:
        Lloyd, "Least Squares Quantization in PCM", 1982; starts as in Arthur
        & Vassilvitskii, "k-means++", 2007.

    Example:
        >>> points = ops.array([[0.0], [0.2], [9.0], [9.2]])
        >>> draws = ops.array([[0.3, 0.6], [0.8, 0.1]])
        >>> found = k_means(points, ops.ones(4), draws)
        >>> [round(float(c), 3) for c in ops.sort(found[:, 0])]
        [0.1, 9.1]
    """
    points = ops.cast(points, "float32")
    starts, clusters = draws.shape

    def start(index, best):
        centres = _spread(points, weights, clusters, draws[index])
        centres = ops.fori_loop(
            0, rounds, lambda _, c: _moved(points, weights, c), centres
        )
        lost = ops.sum(weights * ops.min(_distances(points, centres), -1))
        better = lost < best[0]
        return (
            ops.where(better, lost, best[0]),
            ops.where(better, centres, best[1]),
        )

    none = (
        ops.full((), float("inf")),
        ops.zeros((clusters, points.shape[-1])),
    )
    return ops.fori_loop(0, starts, start, none)[1]


def _distances(points, centres):
    cross = ops.matmul(points, ops.transpose(centres))
    squares = ops.sum(ops.square(points), -1, keepdims=True)
    found = squares - 2.0 * cross + ops.sum(ops.square(centres), -1)
    return ops.maximum(found, 0.0)


def _spread(points, weights, clusters, draws):
    """Each centre is a point, drawn by its distance from those before."""

    def pick(index, state):
        centres, near = state
        chance = ops.cumsum(weights * near)
        place = ops.searchsorted(chance, draws[index][None] * chance[-1])[0]
        place = ops.minimum(place, ops.shape(points)[0] - 1)
        point = ops.take(points, place, axis=0)
        gap = ops.sum(ops.square(points - point), -1)
        row = ops.cast(ops.arange(clusters) == index, "float32")[:, None]
        return centres + row * point, ops.minimum(near, gap)

    centres = ops.zeros((clusters, points.shape[-1]))
    # The first is drawn from all alike: any distance that is one for all.
    near = ops.full(ops.shape(points)[:1], 1e30)
    return ops.fori_loop(0, clusters, pick, (centres, near))[0]


def _moved(points, weights, centres):
    nearest = ops.argmin(_distances(points, centres), -1)
    member = ops.one_hot(nearest, centres.shape[0]) * weights[:, None]
    sizes = ops.sum(member, 0)[:, None]
    means = ops.matmul(ops.transpose(member), points)
    # A centre without points stays where it is.
    return ops.where(sizes > 0, means / ops.maximum(sizes, 1e-9), centres)
