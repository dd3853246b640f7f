"""Supervised losses of logits against a mask of the same size."""
import torch
import torch.nn.functional as F

BETA_SQUARED, TINY = 0.3, 1e-8


def per_image(x):
    return x.sum((1, 2, 3))


def soft_iou_loss(p, mask, smoothing):
    intersection = per_image(p * mask)
    union = per_image(p + mask) - intersection
    return (1 - (intersection + smoothing) / (union + smoothing)).mean()


def saliency_loss(logits, mask):
    """Binary cross entropy plus soft IoU, smoothed by 1."""
    return F.binary_cross_entropy_with_logits(logits, mask) + soft_iou_loss(torch.sigmoid(logits), mask, 1)


def unsmoothed_iou_loss(logits, mask):
    p = torch.sigmoid(logits)
    intersection = per_image(p * mask)
    return (1 - intersection / (per_image(p + mask) - intersection + TINY)).mean()


def f_measure_loss(logits, mask):
    """1 - F of soft precision and recall."""
    p = torch.sigmoid(logits)
    weighted = per_image(p) + BETA_SQUARED * per_image(mask)
    return (1 - (1 + BETA_SQUARED) * per_image(p * mask) / (weighted + TINY)).mean()
