"""Maximum mean discrepancy with several kernels."""

from keras import ops


def kernel_discrepancy(sources, targets, scales=(0.25, 0.5, 1.0, 2.0, 4.0)):
    """Gives the squared maximum mean discrepancy of two batches.

    Each kernel is the mean of Gaussians whose widths are multiples of the
    mean squared distance of the pairs at hand (through which no gradient
    flows); with several layers the kernel is their product.

    Args:
        sources: float tensor (n, d), or list of one for each layer.
        targets: float tensor (m, d), or list of as many.
        scales: tuple of float > 0, of the widths.

    Returns:
        float scalar >= 0.

    Source:
        Long et al., "Learning Transferable Features with Deep Adaptation
        Networks", 2015, arXiv:1502.02791, equation 1; the product of layers
        is that of Long et al., "Deep Transfer Learning with Joint Adaptation
        Networks", 2017, arXiv:1605.06636, equation 9. All pairs count, those
        of an example with itself too.

    Example:
        >>> x = ops.array([[0.0, 1.0], [2.0, 3.0]])
        >>> abs(float(kernel_discrepancy(x, x))) < 1e-6
        True
    """
    if not isinstance(sources, (list, tuple)):
        sources, targets = [sources], [targets]
    n = ops.shape(sources[0])[0]
    kernel = 1.0
    for source, target in zip(sources, targets, strict=True):
        kernel = kernel * _kernel(ops.concatenate([source, target], 0), scales)
    within = ops.mean(kernel[:n, :n]) + ops.mean(kernel[n:, n:])
    return within - 2.0 * ops.mean(kernel[:n, n:])


def _kernel(x, scales):
    size = ops.sum(ops.square(x), 1)
    square = (
        size[:, None] + size[None, :] - 2.0 * ops.matmul(x, ops.transpose(x))
    )
    square = ops.maximum(square, 0.0)
    count = ops.cast(ops.shape(x)[0], x.dtype)
    width = ops.sum(square) / ops.maximum(count * (count - 1.0), 1.0)
    width = ops.stop_gradient(ops.maximum(width, 1e-12))
    each = [ops.exp(-square / (width * scale)) for scale in scales]
    return sum(each) / len(scales)
