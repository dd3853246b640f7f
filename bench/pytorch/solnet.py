"""SOLNet with its RepVGG encoder as trained (three branches a block), in the style of the official code: its modules and state-dict names."""
import torch
import torch.nn.functional as F
from torch import nn

from networks import Network
from saliency import f_measure_loss, unsmoothed_iou_loss
from synthetic import noise

# blocks, channels and stride of the encoder's stages
STAGES = ((1, 32, 1), (2, 48, 2), (4, 96, 2), (14, 192, 2), (1, 512, 2))
SHUFFLE_GROUPS, DROPOUT, F_WEIGHT = 4, 0.1, 4
# Heads, finest first, with the channels they read.
HEADS = {"feature_4": 32, "feature_3": 32, "feature_2": 48, "feature_1": 96}


def half_pixel(x, size):
    return x if tuple(x.shape[2:]) == tuple(size) else F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


class Branch(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


class RepVGGBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.rbr_identity = nn.BatchNorm2d(inputs) if inputs == outputs and stride == 1 else None
        self.rbr_dense, self.rbr_1x1 = Branch(inputs, outputs, 3, stride), Branch(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.rbr_dense(x) + self.rbr_1x1(x)
        return F.relu(y if self.rbr_identity is None else y + self.rbr_identity(x))


class RepVGG(nn.Module):
    """The last map of every stage."""

    def __init__(self):
        super().__init__()
        inputs = 3
        for stage, (count, channels, stride) in enumerate(STAGES):
            blocks = []
            for index in range(count):
                blocks.append(RepVGGBlock(inputs, channels, stride if index == 0 else 1))
                inputs = channels
            setattr(self, f"stage{stage}", nn.Sequential(*blocks) if stage > 0 else blocks[0])

    def forward(self, x):
        maps = []
        for stage in range(len(STAGES)):
            x = getattr(self, f"stage{stage}")(x)
            maps.append(x)
        return maps


def along_channels(convolution, vector):
    """A convolution over the channels of [B,C,1,1]."""
    return convolution(vector.flatten(2).transpose(1, 2)).transpose(1, 2)[..., None]


def pooled(x):
    return x.mean((2, 3), keepdim=True)


class LocalGlobalAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.conv = nn.Conv1d(1, 1, 3, padding=1)
        self.mlp = nn.Sequential(nn.Conv2d(half, half // 8, 1, bias=False), nn.ReLU(), nn.Conv2d(half // 8, half, 1, bias=False))

    def forward(self, x):
        near, far = x.chunk(2, dim=1)
        near = near * torch.sigmoid(along_channels(self.conv, pooled(near)))
        far = far * torch.sigmoid(self.mlp(far.amax((2, 3), keepdim=True)) + self.mlp(pooled(far)))
        b, c, h, w = x.shape
        return torch.cat([near, far], 1).reshape(b, SHUFFLE_GROUPS, c // SHUFFLE_GROUPS, h, w).transpose(1, 2).reshape(b, c, h, w)


class KernelAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1d_1 = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.out_channel_conv2d = nn.Conv2d(channels, channels, 1, bias=False)
        self.kernel_conv2d = nn.Conv2d(channels, 1, 1, bias=False)


class Enhancement(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, channels, channels, 3, 3))
        self.attention = KernelAttention(channels)

    def forward(self, x):
        vector = along_channels(self.attention.conv1d_1, pooled(x))
        # the share of a single kernel: 1
        share = torch.softmax(self.attention.kernel_conv2d(vector), dim=1)
        y = share * F.conv2d(x * torch.sigmoid(vector), self.weight[0], padding=1)
        return y * torch.sigmoid(self.attention.out_channel_conv2d(vector))


class Deam(nn.Module):
    """A pair of attentions; `conv` is in the state dict and in no computation."""

    def __init__(self, channels):
        super().__init__()
        self.K, self.enhance_conv = LocalGlobalAttention(channels), Enhancement(channels)
        self.conv, self.bn = nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels)

    def forward(self, x):
        return F.relu(self.bn(self.enhance_conv(x) + self.K(x)))


class SOLNet(Network):
    """Features Conv5 … Conv2 at strides 1 to 8. `noise`: of the dropout before each head, uniform in [0,1), [B,C] by the head's name."""

    FEATURES = 4

    def __init__(self):
        super().__init__()
        self.noise = {}
        channels = [row[1] for row in STAGES]
        shuffled = channels[-1] // 4
        self.backbone, self.QK, self.shuffle = RepVGG(), Deam(channels[-1]), nn.PixelShuffle(2)
        pairs = ((shuffled, shuffled), (channels[3] + shuffled, channels[2]), (channels[2], channels[1]), (channels[1], channels[0]), (channels[0], channels[0]))
        for index, (inputs, outputs) in enumerate(pairs, 1):
            setattr(self, f"Conv{index}", nn.Conv2d(inputs, outputs, 3, 1, 1))
            setattr(self, f"bn{index}", nn.BatchNorm2d(outputs))
        for name, inputs in HEADS.items():
            setattr(self, name, nn.Conv2d(inputs, 1, 1))

    def draw(self, batch, salt=""):
        """The same noise for every step."""
        self.noise = {name: noise(name, batch, channels, salt=salt) for name, channels in HEADS.items()}
        return self

    def unit(self, index, x):
        return F.relu(getattr(self, f"bn{index}")(getattr(self, f"Conv{index}")(x)))

    def features(self, image):
        *skips, eighth, deepest = self.backbone(image)
        x = self.unit(1, self.shuffle(self.QK(deepest)))
        features = [self.unit(2, torch.cat([x, half_pixel(eighth, x.shape[2:])], 1))]
        for index, skip in enumerate(reversed(skips), 3):
            raised = half_pixel(features[0], [2 * side for side in features[0].shape[2:]])
            features.insert(0, self.unit(index, raised + half_pixel(skip, raised.shape[2:])))
        return features

    def dropped(self, x, name):
        if not self.training:
            return x
        return x * ((self.noise[name].to(x.device) >= DROPOUT).to(x.dtype) / (1 - DROPOUT))[:, :, None, None]

    def heads(self, features):
        return [getattr(self, name)(self.dropped(x, name)) for name, x in zip(HEADS, features)]

    def supervised_loss(self, logits, mask):
        maps = [half_pixel(x, mask.shape[2:]) for x in logits]
        each = sum(F.binary_cross_entropy_with_logits(x, mask) + unsmoothed_iou_loss(x, mask) for x in maps)
        return each + F_WEIGHT * f_measure_loss(maps[0], mask)
