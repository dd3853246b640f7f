"""Deterministic weights and images: a hash of the key and the flat index (PyTorch's layout), mean 0, deviation 1."""
import numpy as np
import torch


def values(key, count):
    seed = 0x811C9DC5
    for byte in key.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    mask = np.uint64(0xFFFFFFFF)
    x = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(seed)) & mask
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & mask
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & mask
    x ^= x >> np.uint64(16)
    return (2 * x.astype(np.float64) / 4294967296 - 1) * np.sqrt(3)


def parameter(key, shape, salt=""):
    count = int(np.prod(shape))
    g = values(salt + key, count)
    if "relative_pos_enc" in key:
        filled = 0.1 * g
    elif "layer_scale" in key and key.endswith("weight"):
        filled = 0.5 + 0.1 * g
    elif key.endswith(("running_mean", "bias")):
        filled = 0.05 * g
    elif key.endswith("running_var"):
        filled = 1 + 0.2 * g
    elif count == 1:
        filled = np.full(1, 0.25)
    elif len(shape) == 1:
        filled = 1 + 0.1 * g
    else:
        filled = 1.2 * g / np.sqrt(np.prod(shape[1:]))
    return torch.tensor(filled.reshape(shape))


def fill(model, prefix="", salt=""):
    state = model.state_dict()
    model.load_state_dict({name: value if name.endswith("num_batches_tracked") else parameter(prefix + name, value.shape, salt) for name, value in state.items()})
    return model


def image(key, *shape, salt=""):
    return torch.tensor(values(salt + key, int(np.prod(shape))).reshape(shape))


def noise(name, *shape, salt=""):
    """Of a step, uniform in [0, 1)."""
    return image(f"noise/{name}", *shape, salt=salt) / (2 * np.sqrt(3)) + 0.5


def sides(size):
    """[height, width] of a side or of both."""
    return tuple(size) if isinstance(size, (list, tuple)) else (size, size)


def batch(size, student, teacher, salt=""):
    return {
        "image": image("xS", size, 3, *sides(student), salt=salt),
        "teacherImage": image("xT", size, 3, *sides(teacher), salt=salt),
        "mask": (image("label", size, 1, *sides(student), salt=salt) > 0).double(),
    }
