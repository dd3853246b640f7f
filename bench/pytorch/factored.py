"""The step in our fewer operations, in PyTorch: a 3x3 convolution of an enlarged map is nine 1x1 convolutions at the small size and two
resizing products, exactly. `apply(model)` replaces the methods of one model; the numbers stay."""
import functools
import types

import torch
import torch.nn.functional as F

from networks import STAGES, Fusion, bilinear


@functools.cache
def tap_matrix(source, target, dtype, device):
    """[target, 3*source]: bilinear rows (corners aligned) shifted by -1, 0 and 1, side by side."""
    position = torch.arange(target, dtype=torch.float64) * ((source - 1) / (target - 1) if target > 1 else 0)
    left = position.floor().clamp(max=source - 1).long()
    fraction = position - left
    rows = torch.zeros(target, source, dtype=torch.float64)
    rows[torch.arange(target), left] += 1 - fraction
    rows[torch.arange(target), (left + 1).clamp(max=source - 1)] += fraction
    blank = torch.zeros(1, source, dtype=torch.float64)
    return torch.cat([torch.cat([blank, rows[:-1]]), rows, torch.cat([rows[1:], blank])], 1).to(device, dtype)


def convolve_enlarged(x, weight, size):
    """conv3x3(bilinear(x, size)), zero-padded, without a bias."""
    batch, channels, height, width = x.shape
    out = weight.shape[0]
    responses = F.conv2d(x, weight.permute(2, 3, 0, 1).reshape(9 * out, channels, 1, 1)).reshape(batch, 3, 3, out, height, width)
    widened = responses.permute(0, 1, 3, 4, 2, 5).reshape(batch, 3, out, height, 3 * width) @ tap_matrix(width, size[1], x.dtype, x.device).t()
    return tap_matrix(height, size[0], x.dtype, x.device) @ widened.permute(0, 2, 1, 3, 4).reshape(batch, out, 3 * height, size[1])


def fuse(self, skip, deep):
    size, convolution = skip.shape[2:], self.fuse
    if deep.shape[2] >= size[0]:
        mixed = convolution(torch.cat([skip, bilinear(deep, size)], 1))
    else:
        of_skip, of_deep = convolution.weight.split([skip.shape[1], deep.shape[1]], 1)
        mixed = F.conv2d(skip, of_skip, convolution.bias, padding=1) + convolve_enlarged(deep, of_deep, size)
    return F.relu(self.bn1(mixed), inplace=True)


def aligned(self, features, size):
    """`self` of all features at one size, stacked along the batch: a convolution, a batch norm and an activation."""
    convolution, norm, activation = self
    near = [feature for feature in features if feature.shape[2] >= size[0]]
    parts = [convolution(torch.cat([bilinear(feature, size) for feature in near], 0))]
    parts += [convolve_enlarged(feature, convolution.weight, size) + convolution.bias[:, None, None] for feature in features[len(near) :]]
    return activation(norm(torch.cat(parts, 0)))


def apply(model):
    """Features must come finest first."""
    for module in model.modules():
        if isinstance(module, Fusion):
            module.forward = types.MethodType(fuse, module)
    for stage in STAGES:
        block = getattr(model, f"adaptive{stage}", None)
        if block is not None:
            block.aligned = types.MethodType(aligned, block)
    return model
