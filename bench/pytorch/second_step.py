"""Why loss terms of a second step differ between float32 implementations: the first step's gradients, and what their rounding does.

`python second_step.py --batch 4 --student 64 --teacher-size 128 [--state FILE.safetensors ...]`

Compares the gradients of PyTorch's float32, and of every FILE, with float64's; then takes AdamW's step with each of them in float64 and
evaluates the loss terms there, so that the gradients are all that differs. A FILE is the state of a training after its first step from
these weights: its tensors `moment1/NAME` are a tenth of the gradients.
"""
import argparse

import torch
from safetensors.torch import load_file

import synthetic
from losses import RULES, scrkd_terms, total_of
from networks import PSPNet, SCRKDStudent


def networks(options, dtype):
    student, teacher = SCRKDStudent(options.backbone, options.width), PSPNet(options.backbone, options.width)
    synthetic.fill(student)
    synthetic.fill(teacher, "teacher.")
    return student.to(dtype).train(), teacher.to(dtype).requires_grad_(False).eval()


def terms_of(student, teacher, options, dtype):
    batch = {name: value.to(dtype) for name, value in synthetic.batch(options.batch, options.student, options.teacher_size).items()}
    return scrkd_terms(student, teacher, batch, RULES["default"])


def gradients(options, dtype):
    student, teacher = networks(options, dtype)
    total_of(terms_of(student, teacher, options, dtype), "pspnet").backward()
    return {name: parameter.grad.double() for name, parameter in student.named_parameters() if parameter.grad is not None}


def second_terms(options, given):
    student, teacher = networks(options, torch.float64)
    for name, parameter in student.named_parameters():
        parameter.grad = given[name].reshape(parameter.shape).clone() if name in given else torch.zeros_like(parameter)
    torch.optim.AdamW(student.parameters(), lr=2e-5, weight_decay=1e-4).step()
    with torch.no_grad():
        return {name: value.item() for name, value in terms_of(student, teacher, options, torch.float64).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--student", type=int, default=64)
    parser.add_argument("--teacher-size", type=int, default=128)
    parser.add_argument("--backbone", choices=("resnet18", "resnet50"), default="resnet50")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--state", nargs="*", default=[])
    options = parser.parse_args()
    exact = gradients(options, torch.float64)
    found = {"PyTorch, float32": gradients(options, torch.float32)}
    for path in options.state:
        found[path] = {name.removeprefix("moment1/"): 10 * value.double() for name, value in load_file(path).items() if name.startswith("moment1/")}
    expected = second_terms(options, exact)
    print("float64, second step:", expected)
    for name, given in found.items():
        common = [key for key in exact if key in given and exact[key].abs().max() > 1e-12]
        distances = {key: (given[key].reshape(exact[key].shape) - exact[key]).norm() / exact[key].norm() for key in common}
        signs = sum((torch.sign(given[key].reshape(exact[key].shape)) != torch.sign(exact[key])).sum().item() for key in common)
        second = second_terms(options, given)
        print(f"{name}: gradients off by {sorted(distances.values())[len(common) // 2]:.1e} (median of {len(common)} tensors), {max(distances.values()):.1e} (worst); "
              f"{signs / sum(exact[key].numel() for key in common):.2%} of the signs differ; float64's second step with them: {({key: f'{second[key] / expected[key] - 1:+.1e}' for key in expected})}")


if __name__ == "__main__":
    main()
