"""TransXNet-tiny with a first stride of 2, feature pyramid and head, in the style of the official code: its modules and state-dict names."""
import torch
import torch.nn.functional as F
from torch import nn

from networks import Distilled, Network, bilinear

CHANNELS, BLOCKS, HEADS, REDUCTIONS = (48, 96, 224, 448), (3, 3, 9, 3), (1, 2, 4, 8), (8, 4, 2, 1)
WIDTH, KERNEL, CANDIDATES, PYRAMID = 256, 7, 2, (1, 2, 3, 6)


def group_norm(channels):
    return nn.GroupNorm(1, channels, eps=1e-5)


class ConvNorm(nn.Module):
    """mmcv's ConvModule."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


class PatchEmbed(nn.Module):
    def __init__(self, inputs, channels, kernel):
        super().__init__()
        self.proj = ConvNorm(inputs, channels, kernel, 2)

    def forward(self, x):
        return self.proj(x)


class DynamicConvolution(nn.Module):
    """IDConv: a depthwise kernel for every image."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(CANDIDATES, channels, KERNEL, KERNEL))
        self.bias = nn.Parameter(torch.empty(CANDIDATES, channels))
        self.proj = nn.Sequential(ConvNorm(channels, channels // 4, 1), nn.Conv2d(channels // 4, CANDIDATES * channels, 1))

    def shares(self, pooled):
        b, c = pooled.shape[:2]
        x = self.proj[1](F.gelu(self.proj[0](pooled)))
        return torch.softmax(x.reshape(b, CANDIDATES, c, *pooled.shape[2:]), dim=1)

    def forward(self, x):
        b, c, h, w = x.shape
        kernels = (self.shares(F.adaptive_avg_pool2d(x, KERNEL)) * self.weight).sum(1)
        biases = (self.shares(x.mean((2, 3), keepdim=True)).flatten(2) * self.bias).sum(1)
        y = F.conv2d(x.reshape(1, b * c, h, w), kernels.reshape(b * c, 1, KERNEL, KERNEL), biases.reshape(b * c), padding=KERNEL // 2, groups=b * c)
        return y.reshape(b, c, h, w)


class SpatialReductionAttention(nn.Module):
    """OSRA: overlapping spatial reduction."""

    def __init__(self, channels, heads, reduction):
        super().__init__()
        self.heads, self.scale = heads, (channels // heads) ** -0.5
        self.q = nn.Conv2d(channels, channels, 1)
        self.kv = nn.Conv2d(channels, 2 * channels, 1)
        self.sr = nn.ModuleList([ConvNorm(channels, channels, reduction + 3, reduction, channels), ConvNorm(channels, channels, 1, 1, channels)]) if reduction > 1 else None
        self.local_conv = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)

    def forward(self, x, positions):
        b, c, h, w = x.shape
        y = x if self.sr is None else self.sr[1](F.gelu(self.sr[0](x)))
        y = y + self.local_conv(y)
        split = lambda z: z.reshape(b, self.heads, c // self.heads, -1)
        key, value = (split(z) for z in self.kv(y).chunk(2, dim=1))
        scores = split(self.q(x)).transpose(-2, -1) @ key * self.scale
        if scores.shape[-2:] != positions.shape[-2:]:
            positions = F.interpolate(positions, size=scores.shape[-2:], mode="bicubic", align_corners=False)
        shares = torch.softmax(scores + positions, dim=-1)
        return (value @ shares.transpose(-2, -1)).reshape(b, c, h, w)


class TokenMixer(nn.Module):
    def __init__(self, channels, heads, reduction):
        super().__init__()
        inner = max(16, channels // 8)
        self.local_unit = DynamicConvolution(channels // 2)
        self.global_unit = SpatialReductionAttention(channels // 2, heads, reduction)
        self.proj = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, groups=channels), nn.GELU(), nn.BatchNorm2d(channels),
            nn.Conv2d(channels, inner, 1), nn.GELU(), nn.BatchNorm2d(inner),
            nn.Conv2d(inner, channels, 1), nn.BatchNorm2d(channels),
        )

    def forward(self, x, positions):
        near, far = x.chunk(2, dim=1)
        x = torch.cat([self.local_unit(near), self.global_unit(far, positions)], 1)
        return self.proj(x) + x


class MultiScale(nn.Module):
    def __init__(self, channels):
        super().__init__()
        part = channels // 4
        self.proj = nn.ModuleList(nn.Conv2d(part, part, kernel, 1, kernel // 2, groups=part) for kernel in (1, 3, 5, 7))

    def forward(self, x):
        return torch.cat([convolution(part) for convolution, part in zip(self.proj, x.chunk(4, dim=1))], 1)


class Mlp(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = 4 * channels
        self.fc1 = nn.Sequential(nn.Conv2d(channels, hidden, 1, bias=False), nn.GELU(), nn.BatchNorm2d(hidden))
        self.dwconv = MultiScale(hidden)
        self.norm = nn.BatchNorm2d(hidden)
        self.fc2 = nn.Sequential(nn.Conv2d(hidden, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(self.norm(F.gelu(self.dwconv(x) + x)))


class LayerScale(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, 1, 1, 1))
        self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, x):
        return x * self.weight.reshape(-1, 1, 1) + self.bias.reshape(-1, 1, 1)


class Block(nn.Module):
    def __init__(self, channels, heads, reduction):
        super().__init__()
        self.pos_embed = nn.Conv2d(channels, channels, 7, 1, 3, groups=channels)
        self.norm1, self.norm2 = group_norm(channels), group_norm(channels)
        self.token_mixer, self.mlp = TokenMixer(channels, heads, reduction), Mlp(channels)
        self.layer_scale_1, self.layer_scale_2 = LayerScale(channels), LayerScale(channels)

    def forward(self, x, positions):
        x = x + self.pos_embed(x)
        x = x + self.layer_scale_1(self.token_mixer(self.norm1(x), positions))
        return x + self.layer_scale_2(self.mlp(self.norm2(x)))


def conv_norm_relu(inputs, outputs, kernel):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class PyramidPooling(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.AdaptiveAvgPool2d(side), *conv_norm_relu(channels, channels, 1)) for side in PYRAMID)
        self.conv = nn.Conv2d((len(PYRAMID) + 1) * channels, channels, 3, 1, 1)

    def forward(self, x):
        return self.conv(torch.cat([x, *(bilinear(block(x), x.shape[2:]) for block in self.blocks)], 1))


class FeaturePyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.ppm = PyramidPooling(CHANNELS[-1])
        self.lateral_convs = nn.ModuleList(conv_norm_relu(channels, WIDTH, 1) for channels in CHANNELS)
        self.fpn_convs = nn.ModuleList(conv_norm_relu(WIDTH, WIDTH, 3) for _ in CHANNELS)

    def forward(self, maps):
        maps = [*maps[:-1], self.ppm(maps[-1])]
        laterals = [lateral(x) for lateral, x in zip(self.lateral_convs, maps)]
        for i in (3, 2, 1):
            laterals[i - 1] = laterals[i - 1] + bilinear(laterals[i], laterals[i - 1].shape[2:])
        return [convolution(x) for convolution, x in zip(self.fpn_convs, laterals)]


class Head(nn.Module):
    def __init__(self, official):
        super().__init__()
        self.official = official
        self.fpn_bottleneck = conv_norm_relu(4 * WIDTH, WIDTH, 3)
        self.cls_seg = nn.Sequential(*conv_norm_relu(WIDTH, WIDTH, 3), nn.Conv2d(WIDTH, 1, 1))

    def forward(self, features):
        size = features[0].shape[2:]
        # the official code overwrites P1 with P2
        read = [features[1] if self.official else features[0], *features[1:]]
        return self.cls_seg(self.fpn_bottleneck(torch.cat([bilinear(x, size) for x in read], 1)))


class TransXNet(Network):
    """Features P1 … P4 at strides 2 to 16. `size`: side of the image whose table of position biases it has."""

    WEIGHTS, FEATURES = (1,), 4

    def __init__(self, size=112, official_head=False):
        super().__init__()
        self.channels = WIDTH
        self.patch_embed = PatchEmbed(3, CHANNELS[0], 7)
        network = []
        for stage, (channels, blocks, heads, reduction) in enumerate(zip(CHANNELS, BLOCKS, HEADS, REDUCTIONS)):
            if stage > 0:
                network.append(PatchEmbed(CHANNELS[stage - 1], channels, 3))
            network.append(nn.ModuleList(Block(channels, heads, reduction) for _ in range(blocks)))
        self.network = nn.ModuleList(network)
        for stage, channels in enumerate(CHANNELS):
            setattr(self, f"norm{2 * stage}", group_norm(channels))
        sides = [-(-size // (2 << stage)) for stage in range(4)]
        self.relative_pos_enc = nn.ParameterList(torch.empty(1, heads, side**2, (-(-side // reduction)) ** 2) for side, heads, reduction in zip(sides, HEADS, REDUCTIONS))
        self.fpn, self.sod_head = FeaturePyramid(), Head(official_head)

    def taps(self, x):
        x, maps = self.patch_embed(x), []
        for stage in range(4):
            if stage > 0:
                x = self.network[2 * stage - 1](x)
            for block in self.network[2 * stage]:
                x = block(x, self.relative_pos_enc[stage])
            maps.append(getattr(self, f"norm{2 * stage}")(x))
        return maps

    def features(self, image):
        return self.fpn(self.taps(image))

    def heads(self, features):
        return [self.sod_head(features)]


class TransXNetStudent(Distilled, TransXNet):
    pass
