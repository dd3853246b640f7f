"""The PSPNet variant and the SCRKD student in the style of the official code: modules, NCHW, its state-dict names.

An independent implementation to compare with; the project itself does not depend on it.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

from saliency import saliency_loss

STAGES = (1, 2, 3, 4, 5)
PYRAMID = (1, 2, 3, 6)


def scaled(channels: int, width: float) -> int:
    """Channel counts under a width factor: multiples of 8, at least 8."""
    return max(8, math.floor(channels * width / 8 + 0.5) * 8)


def bilinear(x, size):
    """Corners aligned."""
    return x if tuple(x.shape[2:]) == tuple(size) else F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=True)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = projection(inputs, channels, stride)

    def forward(self, x):
        residual = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + residual, inplace=True)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, self.expansion * channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(self.expansion * channels)
        self.downsample = projection(inputs, self.expansion * channels, stride)

    def forward(self, x):
        residual = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        return F.relu(self.bn3(self.conv3(y)) + residual, inplace=True)


def projection(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


class ResNet(nn.Module):
    ARCHITECTURES = {"resnet18": (BasicBlock, (2, 2, 2, 2)), "resnet50": (Bottleneck, (3, 4, 6, 3))}

    def __init__(self, name, width):
        super().__init__()
        block, counts = self.ARCHITECTURES[name]
        channels = scaled(64, width)
        self.channels = [channels]
        self.conv1 = nn.Conv2d(3, channels, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        for stage, count in enumerate(counts):
            middle = scaled(64 << stage, width)
            blocks = []
            for index in range(count):
                blocks.append(block(channels, middle, 2 if stage > 0 and index == 0 else 1))
                channels = block.expansion * middle
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            self.channels.append(channels)

    def forward(self, x):
        stem = F.relu(self.bn1(self.conv1(x)), inplace=True)
        maps = [stem]
        x = F.max_pool2d(stem, 3, 2, 1)
        for stage in (1, 2, 3, 4):
            x = getattr(self, f"layer{stage}")(x)
            maps.append(x)
        return maps


def conv_norm_prelu(inputs, outputs, kernel):
    return [nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2), nn.BatchNorm2d(outputs), nn.PReLU()]


class PyramidPooling(nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        self.down_conv = nn.Sequential(*conv_norm_prelu(inputs, channels, 3))
        for branch, side in enumerate(PYRAMID, 1):
            setattr(self, f"conv{branch}", nn.Sequential(nn.AdaptiveAvgPool2d(side), *conv_norm_prelu(channels, channels, 1)))
        self.fuse = nn.Sequential(*conv_norm_prelu(len(PYRAMID) * channels, channels, 1))

    def forward(self, x):
        x = self.down_conv(x)
        branches = [bilinear(getattr(self, f"conv{branch}")(x), x.shape[2:]) for branch in range(1, len(PYRAMID) + 1)]
        return self.fuse(torch.cat(branches, 1))


class Fusion(nn.Module):
    def __init__(self, skip, channels):
        super().__init__()
        self.fuse = nn.Conv2d(skip + channels, channels, 3, 1, 1)
        self.bn1 = nn.BatchNorm2d(channels)

    def forward(self, skip, deep):
        return F.relu(self.bn1(self.fuse(torch.cat([skip, bilinear(deep, skip.shape[2:])], 1))), inplace=True)


class Head(nn.Module):
    def __init__(self, channels, wide, narrow):
        super().__init__()
        self.process = nn.Sequential(
            nn.Conv2d(channels, wide, 3, 1, 1), nn.BatchNorm2d(wide),
            nn.Conv2d(wide, narrow, 3, 1, 1), nn.BatchNorm2d(narrow),
            nn.Conv2d(narrow, 1, 3, 1, 1),
        )

    def forward(self, x):
        return self.process(x)


class Network(nn.Module):
    """`features` are the decoder's, finest first; `heads` gives their logits at stage size, weighted by `WEIGHTS` in the supervised loss."""

    def decode(self, image):
        """The features, and logits that the decoder makes on its way; they follow those of the heads."""
        return self.features(image), []

    def supervised_loss(self, logits, mask):
        return sum(weight * saliency_loss(bilinear(x, mask.shape[2:]), mask) for weight, x in zip(self.WEIGHTS, logits))

    def forward(self, image):
        features, earlier = self.decode(image)
        return features, self.heads(features) + earlier


class PSPNet(Network):

    WEIGHTS, FEATURES = (1, 1, 1 / 2, 1 / 4, 1 / 8), 5

    def __init__(self, backbone="resnet50", width=1.0):
        super().__init__()
        self.channels = scaled(256, width)
        self.bkbone = ResNet(backbone, width)
        self.ppm = PyramidPooling(self.bkbone.channels[-1], self.channels)
        for stage in reversed(STAGES):
            setattr(self, f"fuse{stage}", Fusion(self.bkbone.channels[stage - 1], self.channels))
        for stage in STAGES:
            setattr(self, f"SOD_head{stage}", Head(self.channels, scaled(128, width), scaled(64, width)))

    def features(self, image):
        maps = self.bkbone(image)
        deep, features = self.ppm(maps[-1]), []
        for stage in reversed(STAGES):
            deep = getattr(self, f"fuse{stage}")(maps[stage - 1], deep)
            features.insert(0, deep)
        return features

    def heads(self, features):
        return [getattr(self, f"SOD_head{stage}")(feature) for stage, feature in zip(STAGES, features)]


class Disentangle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        for branch in (1, 2, 3):
            setattr(self, f"conv{branch}", nn.Sequential(*conv_norm_prelu(channels, channels, 3)))

    def forward(self, x):
        return self.conv1(x), self.conv2(x), self.conv3(x)


class Distilled:
    """What SCRKD puts into a network: disentanglement, gates, fusion and (for the loss alone) adaptive convolutions. Mixed in before the network's class."""

    def __init__(self, *options):
        super().__init__(*options)
        channels = self.channels
        for stage in range(1, self.FEATURES + 1):
            setattr(self, f"decouple{stage}", Disentangle(channels))
            setattr(self, f"adaptive{stage}", nn.Sequential(*conv_norm_prelu(channels, channels, 3)))
            setattr(self, f"att_conv{stage}", nn.Sequential(nn.Conv2d(3 * channels, 3, 1)))
            setattr(self, f"fusion_conv{stage}", nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)))

    def forward(self, image):
        """Branch 2 and branch 3 of every stage, and the logits at stage size."""
        correlated, multiscale, fused = [], [], []
        features, earlier = self.decode(image)
        for stage, feature in enumerate(features, 1):
            kept, second, third = getattr(self, f"decouple{stage}")(feature)
            gates = torch.sigmoid(getattr(self, f"att_conv{stage}")(torch.cat([kept, second, third], 1)))
            mixture = kept * gates[:, 0:1] + second * gates[:, 1:2] + third * gates[:, 2:3]
            correlated.append(second)
            multiscale.append(third)
            fused.append(getattr(self, f"fusion_conv{stage}")(mixture))
        return correlated, multiscale, self.heads(fused) + earlier


class SCRKDStudent(Distilled, PSPNet):
    """PSPNet's student."""
