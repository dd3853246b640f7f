"""The comparison methods as the official code has them (its own internal weights, its order of stages), written from their specification.

`terms(method, network, …)` gives the weighted terms. Lists of features are in the official order: SegFormer's deepest first.
"""
import torch
import torch.nn.functional as F
from torch import nn

from losses import pyramid_error
from networks import bilinear

KD_WEIGHT, KD_TEMPERATURE = 0.1, 2


def pixel_divergence(student, teacher, temperature):
    """KL(teacher ‖ student) of the softmax over an image's pixels, mean over the images."""
    s, t = (F.log_softmax(x.flatten(1) / temperature, dim=1) for x in (student, teacher))
    return F.kl_div(s, t, reduction="batchmean", log_target=True)


def logits_kd(s, temperature=KD_TEMPERATURE):
    return sum(0.5**k * pixel_divergence(bilinear(a, b.shape[2:]), b, temperature) for k, (a, b) in enumerate(zip(s.maps, s.teacher_maps)))


def hcl(student, teacher):
    """Hierarchical context loss of two maps of one size."""
    return pyramid_error(student, teacher, (4, 2, 1))


class Lesson:
    """What a method sees of one batch, for PSPNet and networks without coefficients of their own (P), SegFormer (S) or TransXNet (T)."""

    def __init__(self, network, features, maps, teacher_features, teacher_maps, batch):
        self.network, self.batch = network, batch
        order = (lambda x: x[::-1]) if network == "segformer" else (lambda x: x)
        self.features, self.teacher_features = order(features), order(teacher_features)
        self.maps, self.teacher_maps = maps, teacher_maps

    @property
    def enlarged(self):
        return [bilinear(a, b.shape[2:]) for a, b in zip(self.features, self.teacher_features)]

    def by(self, p, s, t):
        return {"segformer": s, "transxnet": t}.get(self.network, p)


class Method(nn.Module):
    """Its parameters are the adapters, named as in the official code."""


class Logits(Method):
    def forward(self, s):
        return {"kd": KD_WEIGHT * logits_kd(s)}


class FitNet(Method):
    def forward(self, s):
        return {"kd": s.by(1, 1, 0.25) * sum(F.mse_loss(a, b) for a, b in zip(s.enlarged, s.teacher_features))}


class AT(Method):
    def forward(self, s):
        attention = lambda x: F.normalize(x.pow(2).mean(1).flatten(1))
        return {"kd": s.by(100, 500, 500) * sum((attention(a) - attention(b)).pow(2).mean() for a, b in zip(s.enlarged, s.teacher_features))}


class CWD(Method):
    def forward(self, s):
        def one(a, b):
            batch, channels = a.shape[:2]
            a, b = (F.log_softmax(x.flatten(2), dim=2) for x in (a, b))
            return F.kl_div(a, b, reduction="sum", log_target=True) / (batch * channels)

        return {"kd": sum(one(a, b) for a, b in zip(s.enlarged, s.teacher_features))}


class ABF(nn.Module):
    def __init__(self, fused, channels=256):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.conv2 = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))
        self.att_conv = nn.Sequential(nn.Conv2d(2 * channels, 2, 1), nn.Sigmoid()) if fused else None

    def forward(self, x, residual):
        x = self.conv1(x)
        if self.att_conv is not None:
            residual = F.interpolate(residual, size=x.shape[2:], mode="nearest")
            share = self.att_conv(torch.cat([x, residual], 1))
            x = x * share[:, 0:1] + residual * share[:, 1:2]
        return self.conv2(x), x


class ReviewKD(Method):
    def __init__(self):
        super().__init__()
        self.reviewKD = nn.Module()
        self.reviewKD.abfs = nn.ModuleList(ABF(k > 0) for k in range(4))

    def forward(self, s):
        results, residual = [], None
        for abf, x in zip(self.reviewKD.abfs, s.features[:4][::-1]):
            out, residual = abf(x, residual)
            results.insert(0, out)
        results += s.features[4:]
        return {"kd": sum(hcl(bilinear(a, b.shape[2:]), b) for a, b in zip(results, s.teacher_features))}


class SRD(Method):
    def forward(self, s):
        feature = sum((a - b).abs().sum().log() for a, b in zip(s.enlarged, s.teacher_features))
        return {"feat": 0.005 * feature, "kd": KD_WEIGHT * logits_kd(s)}


class LogitStdKD(Method):
    def forward(self, s):
        def standard(x):
            z = x.flatten(1)
            return (z - z.mean(1, keepdim=True)) / (1e-7 + z.std(1, keepdim=True))

        temperature = s.by(4, 2, 2)
        return {"kd": sum(0.5**k * pixel_divergence(standard(bilinear(a, b.shape[2:])), standard(b), temperature) for k, (a, b) in enumerate(zip(s.maps, s.teacher_maps)))}


class Discriminator(nn.Module):
    """One power iteration in each call; keys as in the gradient penalty's copy, which the records' filling wrote last."""

    def __init__(self):
        super().__init__()
        self.preprocess_additional = nn.BatchNorm2d(1)
        widths = (1, 64, 128, 256, 512)
        for layer in (1, 2, 3, 4):
            module = nn.Module()
            module.weight_bar = nn.Parameter(torch.empty(widths[layer], widths[layer - 1], 4, 4))
            module.bias = nn.Parameter(torch.empty(widths[layer]))
            module.register_buffer("weight_u", torch.empty(widths[layer]))
            holder = nn.Module()
            holder.module = module
            setattr(self, f"l{layer}", nn.ModuleList([holder]))
        for name, channels in (("attn1", 256), ("attn2", 512)):
            attention = nn.Module()
            attention.query_conv, attention.key_conv = nn.Conv2d(channels, channels // 8, 1), nn.Conv2d(channels, channels // 8, 1)
            attention.value_conv, attention.gamma = nn.Conv2d(channels, channels, 1), nn.Parameter(torch.empty(1))
            setattr(self, name, attention)
        self.last = nn.Sequential(nn.Conv2d(512, 1, 4))

    def convolve(self, layer, x):
        module = getattr(self, f"l{layer}")[0].module
        rows = module.weight_bar.flatten(1)
        unit = lambda v: v / (v.norm() + 1e-12)
        with torch.no_grad():
            v = unit(rows.t() @ module.weight_u)
            u = unit(rows @ v)
        return F.leaky_relu(F.conv2d(x, module.weight_bar / (u @ (rows @ v)), module.bias, 2, 1), 0.1)

    def attend(self, name, x):
        attention = getattr(self, name)
        q, k, v = attention.query_conv(x).flatten(2), attention.key_conv(x).flatten(2), attention.value_conv(x).flatten(2)
        shares = torch.softmax(q.transpose(1, 2) @ k, dim=-1)
        return attention.gamma * (v @ shares.transpose(1, 2)).reshape(x.shape) + x

    def forward(self, x):
        x = self.preprocess_additional(x)
        x = self.convolve(2, self.convolve(1, x))
        x = self.attend("attn1", self.convolve(3, x))
        x = self.attend("attn2", self.convolve(4, x))
        return self.last(x)


class Adversarial(Method):
    def __init__(self):
        super().__init__()
        self.criterion_AdditionalGP = nn.Module()
        self.criterion_AdditionalGP.D = Discriminator()

    def finest(self, s):
        target = s.teacher_maps[0]
        return bilinear(s.maps[0], target.shape[2:]), target

    def score(self, fake):
        # the official code takes the first image's score for the first of several outputs
        return -self.criterion_AdditionalGP.D(fake)[0].mean()


class SKD(Adversarial):
    def forward(self, s):
        fake, real = self.finest(s)

        def similarity(x):
            h, w = (max(1, side // 2) for side in x.shape[2:])
            x = F.max_pool2d(x, (h, w), (h, w), ceil_mode=True)
            x = (x / (x.norm(dim=1, keepdim=True) + 1e-8).detach()).flatten(2)
            return x.transpose(1, 2) @ x

        a, b = similarity(s.enlarged[0]), similarity(s.teacher_features[0])
        pair = (b - a).pow(2).sum() / a.shape[1] ** 2 / a.shape[0]
        adversarial = s.by(0.001, 0.0001, 0.0001) * self.score(fake)
        return {"0.1*kd+1.0*pair+adv": 0.1 * pixel_divergence(fake, real, KD_TEMPERATURE) + pair + adversarial}


class IFVD(Adversarial):
    def forward(self, s):
        fake, real = self.finest(s)
        a, b = s.enlarged[2], s.teacher_features[2]
        mask = (F.interpolate(s.batch["mask"], size=b.shape[2:], mode="nearest") == 0).to(a.dtype)

        def variation(x):
            centre = (x * mask).sum((2, 3), keepdim=True) / (mask.sum((2, 3), keepdim=True) + 1e-6)
            return F.cosine_similarity(x, (1 - mask) * x + mask * centre, dim=1)

        kd = 0.1 * pixel_divergence(fake, real, KD_TEMPERATURE)
        rest = s.by(0.001, 0.0001, 0.0001) * self.score(fake) + s.by(200, 100, 100) * F.mse_loss(variation(a), variation(b))
        return {"0.1*kd+adv+ifv": s.by(1, 1, 0.5) * (kd + rest)}


class STONet(Method):
    def __init__(self):
        super().__init__()
        kd = self.frequency_kd2 = nn.Module()
        for index in (1, 2, 3, 4):
            for side in "TS":
                setattr(kd, f"conv{index}_{side}", nn.Conv2d(256, 256, 3, 2, 1) if index == 4 else nn.Conv2d(256, 256, 1))
        octave = nn.Module()
        octave.l2l, octave.l2h = nn.Conv2d(192, 192, 3, 1, 1), nn.Conv2d(192, 64, 3, 1, 1)
        octave.h2l, octave.h2h = nn.Conv2d(64, 192, 3, 1, 1), nn.Conv2d(64, 64, 3, 1, 1)
        kd.frequency_transfer = nn.Module()
        kd.frequency_transfer.fre_highandlow = octave

    def project(self, x, index, side):
        x = getattr(self.frequency_kd2, f"conv{index}_{side}")(x)
        factor = {1: 4, 2: 2}.get(index, 1)
        return bilinear(x, [factor * length for length in x.shape[2:]])

    def octave(self, x):
        o = self.frequency_kd2.frequency_transfer.fre_highandlow
        high, low = x[:, :64], F.avg_pool2d(x[:, 64:], 2)
        raised = o.l2h(low)
        raised = bilinear(bilinear(raised, [2 * side for side in raised.shape[2:]]), high.shape[2:])
        return raised + o.h2h(high), o.h2l(F.avg_pool2d(high, 2)) + o.l2l(low)

    def forward(self, s):
        first = len(s.features) - 4
        frequency = 0
        for index in (1, 2, 3, 4):
            target = s.teacher_features[first + index - 1]
            own = s.enlarged[first + index - 1]
            if index == 1 and s.network != "pspnet":
                own = target  # the official code passes the teacher's
            for a, b in zip(self.octave(self.project(own, index, "S")), self.octave(self.project(target, index, "T"))):
                frequency = frequency + hcl(a, b) / 4
        detail = hcl(s.enlarged[0], s.teacher_features[0])
        target = s.teacher_maps[0]
        heads = [bilinear(s.maps[k], target.shape[2:]) for k in s.by((1, 2, 3), (0,), (0,))]

        def rows(a):
            return F.kl_div(F.log_softmax(a, dim=-1), F.log_softmax(target, dim=-1), reduction="sum", log_target=True) / (a.numel() / a.shape[-1])

        def dice(a):
            p, q = torch.sigmoid(a), torch.sigmoid(target)
            return (1 - (2 * (p * q).sum((1, 2, 3)) + 1) / ((p + q).sum((1, 2, 3)) + 1)).mean()

        total = frequency + detail + sum(rows(a) + dice(a) for a in heads) / len(heads)
        return {"kd": s.by(1, 0.1, 0.1) * total}


class PD(Method):
    def __init__(self, factor):
        super().__init__()
        self.model_sr = nn.Module()
        self.model_sr.conv = nn.Conv2d(256, 3 * factor**2, 1, bias=False)
        self.model_sr.shuffle = nn.PixelShuffle(factor)
        self.model_sr.prelu = nn.PReLU(3)

    def forward(self, s):
        image = self.model_sr.prelu(self.model_sr.shuffle(self.model_sr.conv(s.features[0])))
        isr = (image - s.batch["teacherImage"]).abs().mean()
        return {"isr": s.by(0.5, 0.05, 0.05) * isr, "kd": 0.5 * KD_WEIGHT * logits_kd(s)}


class CMHRD(Method):
    def __init__(self):
        super().__init__()
        self.adp_layer_high = nn.Conv2d(256, 256, 1)

    def pairs(self, s):
        if s.network != "pspnet":
            return [(s.features[k], s.teacher_features[k][:, :, ::2, ::2]) for k in (0, 1, 2)]
        gap = (s.batch["teacherImage"].shape[2] // s.batch["image"].shape[2]).bit_length() - 1
        targets = list(s.teacher_features)
        while len(targets) < 5 + gap:
            targets.append(targets[-1][:, :, ::2, ::2])
        return [(s.features[k], targets[k + gap]) for k in (2, 3, 4)]

    def forward(self, s):
        bicubic = lambda x, size: F.interpolate(x, size=size, mode="bicubic", align_corners=True)
        srg = sum((bicubic(a, b.shape[2:]) - b).abs().mean() for a, b in zip(s.features, s.teacher_features))
        cma = 0
        for own, target in self.pairs(s):
            own, target = self.adp_layer_high(own).flatten(2), target.flatten(2)
            cma = cma + (own.transpose(1, 2) @ own - (target.transpose(1, 2) @ own).detach()).abs().mean()
        return {"srg": s.by(0.5, 0.1, 0.1) * srg, "cma": s.by(0.01, 0.02, 0.02) * cma, "kd": KD_WEIGHT * logits_kd(s)}


METHODS = {"logits": Logits, "FitNet": FitNet, "AT": AT, "CWD": CWD, "ReviewKD": ReviewKD, "SRD": SRD, "LogitStdKD": LogitStdKD, "SKD": SKD, "IFVD": IFVD, "STONet": STONet, "PD": PD, "CMHRD": CMHRD}


def kd_terms(network, student, teacher, batch):
    """The raw terms of distillation by logits."""
    sod, seen = lesson(network, student, teacher, batch)
    return {"sod": sod, "kd": logits_kd(seen)}


def lesson(network, student, teacher, batch):
    """One pass of both."""
    image = batch["image"].shape[2:]
    with torch.no_grad():
        teacher_features, teacher_maps = teacher(batch["teacherImage"])
        if len(teacher_maps) == 1:
            teacher_maps = [bilinear(teacher_maps[0], batch["teacherImage"].shape[2:])]
    features, logits = student(batch["image"])
    maps = [bilinear(x, image) for x in logits]
    return student.supervised_loss(logits, batch["mask"]), Lesson(network, features, maps, teacher_features, teacher_maps, batch)
