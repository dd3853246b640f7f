"""The SCRKD objective: L = L_SOD + α·L_MVCD + β·L_MSFD + γ·L_DSD (SCRKD, Eq. 1)."""
import torch
import torch.nn.functional as F

from networks import bilinear

# Coefficients by network: α, β, γ of SCRKD (the paper's; those of PSPNet where it has none); of SOLNet, whose stages differ in channels, that of KD.
WEIGHTS = {
    "pspnet": {"mvcd": 1.0, "msfd": 1.0, "dsd": 10.0},
    "segformer": {"mvcd": 0.1, "msfd": 1.0, "dsd": 100.0},
    "transxnet": {"mvcd": 0.2, "msfd": 0.6, "dsd": 20.0},
    "isaanet": {"mvcd": 1.0, "msfd": 1.0, "dsd": 10.0},
    "solnet": {"kd": 0.1},
}

# What the variants differ in: where correlations are taken and on which stages, how a teacher feature gets the student's size, whether
# a stage learns from the teacher's next one or from its own, whether the teacher's stages are taken from the wrong end, and a factor of DSD.
RULES = {
    "default": dict(correlate_at="student", first_stage=1, target="pool"),
    "same-stage": dict(correlate_at="student", first_stage=1, target="pool", same_stage=True),
    "SegFormer official": dict(correlate_at="student", first_stage=1, target="pool", same_stage=True, reversed=True),
    "TransXNet official": dict(correlate_at="student", first_stage=1, target="pool", same_stage=True, dsd_factor=2),
    "SCRKD5": dict(correlate_at="teacher", first_stage=1, target="bilinear"),
    "SCRKD52": dict(correlate_at="teacher", first_stage=2, target="pool"),
}


def pooled(x, size):
    return x if tuple(x.shape[2:]) == tuple(size) else F.adaptive_avg_pool2d(x, tuple(size))


def correlations(x):
    """Cosine similarities between channels, rows and columns of every image."""
    b, c, h, w = x.shape
    views = (x.reshape(b, c, h * w), x.permute(0, 2, 1, 3).reshape(b, h, c * w), x.permute(0, 3, 1, 2).reshape(b, w, c * h))
    normalised = [F.normalize(view, dim=2, eps=1e-8) for view in views]
    return [torch.bmm(view, view.transpose(1, 2)) for view in normalised]


def mvcd(student, teacher, rule):
    """Σ over stages and views of mean |K_S − K_T| (SCRKD, Eq. 7)."""
    total = 0
    for s, t in list(zip(student, teacher))[rule["first_stage"] - 1 :]:
        if rule["correlate_at"] == "teacher":
            s = bilinear(s, t.shape[2:])
        else:
            t = pooled(t, s.shape[2:])
        with torch.no_grad():
            target = correlations(t)
        total = total + sum((a - b).abs().mean() for a, b in zip(correlations(s), target))
    return total


def pyramid_error(student, teacher, levels=(16, 8, 4, 2, 1)):
    """Mean squared error plus that of pooled maps, weights ½, ¼, … over the levels below the height, normalised."""
    loss, weight, total = F.mse_loss(student, teacher), 1.0, 1.0
    for level in levels:
        if level >= student.shape[2]:
            continue
        weight /= 2
        total += weight
        loss = loss + weight * F.mse_loss(F.adaptive_avg_pool2d(student, level), F.adaptive_avg_pool2d(teacher, level))
    return loss / total


def msfd(model, features, teacher, rule):
    """All stages, aligned to each level, refined by its shared convolution and weighted by their cosine with the teacher's stage."""
    total = 0
    for level, feature in enumerate(features, 1):
        size = feature.shape[2:]
        taught_by = teacher[level - 1] if rule.get("same_stage") else teacher[min(level, len(teacher) - 1)]
        target = bilinear(taught_by, size) if rule["target"] == "bilinear" else pooled(taught_by, size)
        block = getattr(model, f"adaptive{level}")
        factored = getattr(block, "aligned", None)  # factored.py
        refined = (factored(features, size) if factored else block(torch.cat([bilinear(other, size) for other in features], 0))).view(len(features), *target.shape)
        similarity = F.cosine_similarity(refined.flatten(2), target.flatten(1)[None], dim=2)
        weights = torch.softmax(similarity, 0)
        total = total + pyramid_error((weights[:, :, None, None, None] * refined).sum(0), target)
    return total


def dsd(student, teacher):
    """KL(teacher ‖ student) of softmax([s, 1 − s]), s = σ(logit), mean over all elements, summed over the heads; τ = 1."""

    def log_distribution(logits):
        s = torch.sigmoid(logits)
        return F.log_softmax(torch.cat([s, 1 - s], 1), 1)

    total = 0
    for s, t in zip(student, teacher):
        total = total + F.kl_div(log_distribution(bilinear(s, t.shape[2:])), log_distribution(t), reduction="none", log_target=True).mean()
    return total


def scrkd_terms(model, teacher, batch, rule):
    """The raw, unweighted terms of one batch."""
    with torch.no_grad():
        teacher_features, teacher_logits = teacher(batch["teacherImage"])
        if len(teacher_logits) == 1:  # a single map is given at the input's size
            teacher_logits = [bilinear(teacher_logits[0], batch["teacherImage"].shape[2:])]
    correlated, multiscale, logits = model(batch["image"])
    maps = [bilinear(logit, batch["image"].shape[2:]) for logit in logits]
    taught_by = teacher_features[::-1] if rule.get("reversed") else teacher_features
    return {
        "sod": model.supervised_loss(logits, batch["mask"]),
        "mvcd": mvcd(correlated, taught_by, rule),
        "msfd": msfd(model, multiscale, taught_by, rule),
        "dsd": rule.get("dsd_factor", 1) * dsd(maps, teacher_logits),
    }


def plain_terms(model, batch):
    _, logits = model(batch["image"])
    return {"sod": model.supervised_loss(logits, batch["mask"])}


def total_of(terms, network="pspnet"):
    return sum(WEIGHTS[network].get(name, 1.0) * value for name, value in terms.items())
