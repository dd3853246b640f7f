"""SegFormer-b1 with a first stride of 2, in the style of the official code: its modules and state-dict names."""
import torch
import torch.nn.functional as F
from torch import nn

from networks import Distilled, Network


CHANNELS, HEADS, REDUCTIONS = (64, 128, 320, 512), (1, 2, 5, 8), (8, 4, 2, 1)
BLOCKS, EXPANSION, WIDTH = 2, 4, 256


def tokens(x):
    return x.flatten(2).transpose(1, 2)


def as_map(x, size):
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], *size)


class PatchEmbed(nn.Module):
    def __init__(self, inputs, channels, kernel):
        super().__init__()
        self.proj = nn.Conv2d(inputs, channels, kernel, 2, kernel // 2)
        self.norm = nn.LayerNorm(channels, eps=1e-5)

    def forward(self, x):
        x = self.proj(x)
        return self.norm(tokens(x)), x.shape[2:]


class Attention(nn.Module):
    def __init__(self, channels, heads, reduction):
        super().__init__()
        self.heads, self.scale = heads, (channels // heads) ** -0.5
        self.q = nn.Linear(channels, channels)
        self.kv = nn.Linear(channels, 2 * channels)
        self.proj = nn.Linear(channels, channels)
        self.sr = nn.Conv2d(channels, channels, reduction, reduction) if reduction > 1 else None
        if reduction > 1:
            self.norm = nn.LayerNorm(channels, eps=1e-5)

    def forward(self, x, size):
        b, n, c = x.shape
        split = lambda y: y.reshape(b, -1, self.heads, c // self.heads).transpose(1, 2)
        source = x if self.sr is None else self.norm(tokens(self.sr(as_map(x, size))))
        key, value = self.kv(source).chunk(2, dim=-1)
        shares = torch.softmax(split(self.q(x)) @ split(key).transpose(-2, -1) * self.scale, dim=-1)
        return self.proj((shares @ split(value)).transpose(1, 2).reshape(b, n, c))


class DepthwiseConvolution(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)


class Mlp(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Linear(channels, EXPANSION * channels)
        self.dwconv = DepthwiseConvolution(EXPANSION * channels)
        self.fc2 = nn.Linear(EXPANSION * channels, channels)

    def forward(self, x, size):
        hidden = tokens(self.dwconv.dwconv(as_map(self.fc1(x), size)))
        return self.fc2(F.gelu(hidden))


class Block(nn.Module):
    """Without stochastic depth, which both sides leave out when numbers are compared."""

    def __init__(self, channels, heads, reduction):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(channels, eps=1e-6), nn.LayerNorm(channels, eps=1e-6)
        self.attn, self.mlp = Attention(channels, heads, reduction), Mlp(channels)

    def forward(self, x, size):
        x = x + self.attn(self.norm1(x), size)
        return x + self.mlp(self.norm2(x), size)


class Projection(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.proj = nn.Linear(inputs, outputs)


class SegFormer(Network):
    """Features c1' … c4', finest stage first (the official class lists them deepest first), all at stride 2."""

    HEAD, WEIGHTS, FEATURES = "linear_pred", (1,), 4

    def __init__(self, size=None):
        super().__init__()
        self.channels = WIDTH
        for stage, (channels, heads, reduction) in enumerate(zip(CHANNELS, HEADS, REDUCTIONS), 1):
            setattr(self, f"patch_embed{stage}", PatchEmbed(3 if stage == 1 else CHANNELS[stage - 2], channels, 7 if stage == 1 else 3))
            setattr(self, f"block{stage}", nn.ModuleList(Block(channels, heads, reduction) for _ in range(BLOCKS)))
            setattr(self, f"norm{stage}", nn.LayerNorm(channels, eps=1e-6))
            setattr(self, f"linear_c{stage}", Projection(channels, WIDTH))
        self.linear_fuse = nn.Sequential(nn.Conv2d(4 * WIDTH, WIDTH, 1), nn.BatchNorm2d(WIDTH), nn.ReLU())
        setattr(self, self.HEAD, nn.Conv2d(WIDTH, 1, 1))

    def taps(self, x):
        maps = []
        for stage in (1, 2, 3, 4):
            x, size = getattr(self, f"patch_embed{stage}")(x)
            for block in getattr(self, f"block{stage}"):
                x = block(x, size)
            x = as_map(getattr(self, f"norm{stage}")(x), size)
            maps.append(x)
        return maps

    def features(self, image):
        maps = self.taps(image)
        size = maps[0].shape[2:]
        projected = [as_map(getattr(self, f"linear_c{stage}").proj(tokens(x)), x.shape[2:]) for stage, x in enumerate(maps, 1)]
        return [x if x.shape[2:] == size else F.interpolate(x, size=size, mode="bilinear", align_corners=False) for x in projected]

    def heads(self, features):
        return [getattr(self, self.HEAD)(self.linear_fuse(torch.cat(features[::-1], 1)))]


class SegFormerStudent(Distilled, SegFormer):
    HEAD = "linear_pred1"
