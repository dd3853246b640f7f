"""ISAANet with its MobileNetV3-Large encoder, in the style of the official code: its modules and (timm's) state-dict names."""
import torch
import torch.nn.functional as F
from torch import nn

from networks import Distilled, Network, bilinear
from saliency import unsmoothed_iou_loss

# expanded channels, kernel, stride, out, channels inside the squeeze and excitation (0: none), activation
STAGES = (
    ((64, 3, 2, 24, 0, nn.ReLU), (72, 3, 1, 24, 0, nn.ReLU)),
    ((72, 5, 2, 40, 24, nn.ReLU), (120, 5, 1, 40, 32, nn.ReLU), (120, 5, 1, 40, 32, nn.ReLU)),
    ((240, 3, 2, 80, 0, nn.Hardswish), (200, 3, 1, 80, 0, nn.Hardswish), (184, 3, 1, 80, 0, nn.Hardswish), (184, 3, 1, 80, 0, nn.Hardswish)),
    ((480, 3, 1, 112, 120, nn.Hardswish), (672, 3, 1, 112, 168, nn.Hardswish)),
    ((672, 5, 2, 160, 168, nn.Hardswish), (960, 5, 1, 160, 240, nn.Hardswish), (960, 5, 1, 160, 240, nn.Hardswish)),
)
STEM, LAST, TAPPED = 16, 960, (0, 1, 2, 4, 6)
WIDTH, LEVELS, THRESHOLD, IOU_WEIGHT = 32, (1, 2, 3, 4), 0.2, 3


def convolution(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduced):
        super().__init__()
        self.conv_reduce, self.conv_expand = nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, channels, 1)

    def forward(self, x):
        squeezed = F.relu(self.conv_reduce(x.mean((2, 3), keepdim=True)))
        return x * F.hardsigmoid(self.conv_expand(squeezed))


class DepthwiseSeparable(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv_dw, self.bn1 = convolution(channels, channels, 3, groups=channels), nn.BatchNorm2d(channels)
        self.conv_pw, self.bn2 = convolution(channels, channels, 1), nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.bn2(self.conv_pw(F.relu(self.bn1(self.conv_dw(x))))) + x


class InvertedResidual(nn.Module):
    def __init__(self, inputs, expanded, kernel, stride, outputs, reduced, activation):
        super().__init__()
        self.has_skip, self.activation = stride == 1 and inputs == outputs, activation()
        self.conv_pw, self.bn1 = convolution(inputs, expanded, 1), nn.BatchNorm2d(expanded)
        self.conv_dw, self.bn2 = convolution(expanded, expanded, kernel, stride, expanded), nn.BatchNorm2d(expanded)
        self.se = SqueezeExcitation(expanded, reduced) if reduced > 0 else nn.Identity()
        self.conv_pwl, self.bn3 = convolution(expanded, outputs, 1), nn.BatchNorm2d(outputs)

    def forward(self, x):
        wide = self.activation(self.bn1(self.conv_pw(x)))
        narrow = self.bn3(self.conv_pwl(self.se(self.activation(self.bn2(self.conv_dw(wide))))))
        return narrow + x if self.has_skip else narrow


class LastConvolution(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv, self.bn1 = convolution(inputs, outputs, 1), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.hardswish(self.bn1(self.conv(x)))


class MobileNetV3(nn.Module):
    """Maps at strides 2 to 32."""

    def __init__(self):
        super().__init__()
        self.conv_stem, self.bn1 = convolution(3, STEM, 3, 2), nn.BatchNorm2d(STEM)
        stages, channels, self.channels = [[DepthwiseSeparable(STEM)]], STEM, [STEM]
        for rows in STAGES:
            blocks = []
            for row in rows:
                blocks.append(InvertedResidual(channels, *row))
                channels = row[3]
            stages.append(blocks)
            self.channels.append(channels)
        stages.append([LastConvolution(channels, LAST)])
        self.blocks = nn.Sequential(*(nn.Sequential(*blocks) for blocks in stages))
        self.channels = [*(self.channels[stage] for stage in TAPPED[:-1]), LAST]

    def forward(self, x):
        x, maps = F.hardswish(self.bn1(self.conv_stem(x))), []
        for stage, blocks in enumerate(self.blocks):
            x = blocks(x)
            if stage in TAPPED:
                maps.append(x)
        return maps


def unit(inputs, outputs, kernel):
    return [nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2), nn.BatchNorm2d(outputs), nn.ReLU()]


class Fusion(nn.Module):
    """Two maps become one: what both halves agree on weighs them."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.mlp = nn.Sequential(nn.Linear(half, half // 4), nn.ReLU(), nn.Linear(half // 4, 1), nn.Sigmoid())
        self.conv = nn.Sequential(*unit(half, channels, 3))
        self.conv1, self.conv2 = nn.Sequential(*unit(channels, half, 3)), nn.Sequential(*unit(channels, half, 3))
        self.conv3 = nn.Sequential(nn.Conv2d(channels, half, 1))

    def forward(self, x, y):
        (x1, x2), (y1, y2) = x.chunk(2, dim=1), y.chunk(2, dim=1)
        u, v = self.conv1(torch.cat([x1, y1], 1)), self.conv2(torch.cat([x2, y2], 1))
        larger = torch.maximum(u, v).flatten(2)
        scores = [self.mlp(F.cosine_similarity(z.flatten(2), larger, dim=2)) for z in (u, v)]
        shares = torch.softmax(torch.cat(scores, 1), dim=1)[:, :, None, None]
        return self.conv(self.conv3(torch.cat([shares[:, :1] * u, shares[:, 1:] * v], 1)))


class Guided(nn.Module):
    """SGR: the map where the guide is, emphasised."""

    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = nn.Sequential(*unit(channels, channels, 1)), nn.Sequential(*unit(channels, channels, 3))

    def forward(self, x, guide):
        return self.conv2(self.conv1(x * bilinear(guide, x.shape[2:]) + x))


def dilated(x):
    return F.interpolate(F.max_pool2d(x, 3, 1), size=x.shape[2:], mode="bilinear", align_corners=False)


def guidance(logits):
    """Where a head finds objects, grown by a pixel, and their rims."""
    salient = (torch.sigmoid(logits) >= THRESHOLD).to(logits.dtype)
    objects = dilated(salient)
    return objects, dilated(objects - salient)


class ISAANet(Network):
    """Features kkk1 … kkk4 at strides 2 to 16; logits of sal3, then those of sal2 and sal1, from which the decoder goes on."""

    FEATURES = 4

    def __init__(self):
        super().__init__()
        self.channels = WIDTH
        self.backbone = MobileNetV3()
        for index, channels in enumerate(self.backbone.channels, 1):
            setattr(self, f"n{index}", nn.Sequential(*unit(channels, WIDTH, 3)))
        for prefix in ("k", "kk", "kkk"):
            for level in LEVELS:
                setattr(self, f"{prefix}{level}", Fusion(WIDTH))
        for suffix in ("", "a"):
            for name in ("sal_sgr1", "sal_sgr2", "sal_sgr3", "edge_sgr1", "edge_sgr2"):
                setattr(self, name + suffix, Guided(WIDTH))
        for name in ("sal1", "sal2", "sal3"):
            setattr(self, name, nn.Sequential(*unit(WIDTH, WIDTH, 3), nn.Conv2d(WIDTH, 1, 1)))

    def pyramid(self, prefix, maps):
        fused, deep = [], maps[-1]
        for level in reversed(LEVELS):
            deep = getattr(self, f"{prefix}{level}")(maps[level - 1], bilinear(deep, maps[level - 1].shape[2:]))
            fused.insert(0, deep)
        return fused

    def refine(self, suffix, maps, logits):
        objects, edges = guidance(logits)
        fine = [getattr(self, f"edge_sgr{index}{suffix}")(x, edges) for index, x in enumerate(maps[:2], 1)]
        return fine + [getattr(self, f"sal_sgr{index}{suffix}")(x, objects) for index, x in enumerate(maps[2:], 1)]

    def decode(self, image):
        maps = [getattr(self, f"n{index}")(x) for index, x in enumerate(self.backbone(image), 1)]
        first = self.sal1(self.pyramid("k", maps)[0])
        maps = self.refine("", maps, first)
        second = self.sal2(self.pyramid("kk", maps)[0])
        return self.pyramid("kkk", self.refine("a", maps, second)), [second, first]

    def heads(self, features):
        return [self.sal3(features[0])]

    def supervised_loss(self, logits, mask):
        maps = [bilinear(x, mask.shape[2:]) for x in logits]
        return sum(F.binary_cross_entropy_with_logits(x, mask) + IOU_WEIGHT * unsmoothed_iou_loss(x, mask) for x in maps)


class ISAANetStudent(Distilled, ISAANet):
    pass
