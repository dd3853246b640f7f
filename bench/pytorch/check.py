"""Checks this implementation, in float64, against records of loss terms and gradient norms made by the official code.

    python bench/pytorch/check.py RECORDS.json...
"""
import json
import sys

import torch

from losses import RULES, WEIGHTS, scrkd_terms, total_of
from networks import PSPNet, SCRKDStudent
from synthetic import batch, fill

COLUMNS = ["total", "sod", "mvcd", "msfd", "dsd"]


def networks(salt, teacher_trains=False):
    student = fill(SCRKDStudent().double(), salt=salt).train()
    teacher = fill(PSPNet().double(), "teacher.", salt).requires_grad_(False)
    return student, teacher.train(teacher_trains)


def sizes(record):
    return record.get("batch", 2), record.get("studentRes", 64), record.get("teacherRes", 128)


def weighted(terms):
    return {"total": total_of(terms).item(), **{name: WEIGHTS["pspnet"].get(name, 1.0) * value.item() for name, value in terms.items()}}


def deviation(actual, expected):
    return abs(actual - expected) / max(abs(expected), 1e-12)


def check_losses(name, record, salt):
    rule = RULES["SCRKD52" if "SCRKD52" in name else "SCRKD5" if "SCRKD5" in name else "default"]
    student, teacher = networks(salt, "train-mode" in name)
    terms = scrkd_terms(student, teacher, batch(*sizes(record), salt=salt), rule)
    total_of(terms).backward()
    gradients = {key: parameter.grad for key, parameter in student.named_parameters()}
    actual = weighted(terms)
    names = {"mvcd(alpha)": "mvcd", "msfd(beta)": "msfd", "dsd(gamma)": "dsd"}
    worst = max(deviation(actual[names.get(key, key)], value) for key, value in record.items() if names.get(key, key) in COLUMNS)
    norms = [deviation(gradients[key].norm().item(), value) for key, value in record["gradNorm"].items() if value is not None]
    return worst, max(norms)


def check_adamw(record, salt):
    student, teacher = networks(salt)
    before = {name: parameter.detach().clone() for name, parameter in student.named_parameters()}
    optimiser = torch.optim.AdamW(student.parameters(), lr=record["lr"], weight_decay=record["weightDecay"])
    data, worst = batch(*sizes(record), salt=salt), 0
    for expected in record["beforeStep"]:
        terms = scrkd_terms(student, teacher, data, RULES["default"])
        actual = weighted(terms)
        worst = max(worst, *(deviation(actual[column], value) for column, value in zip(COLUMNS, expected)))
        optimiser.zero_grad()
        total_of(terms).backward()
        optimiser.step()
    after = dict(student.named_parameters())
    changes = [deviation((after[name] - before[name]).norm().item(), value) for name, value in record["changeNorm"].items()]
    return worst, max(changes)


def main(paths):
    failed = False
    for path in paths:
        with open(path) as file:
            records = json.load(file)
        salt = records.get("meta", {}).get("salt", "")
        losses = records.get("lossesAndGradients", records)
        results = {name: check_losses(name, record, salt) for name, record in losses.items() if name.startswith("SCRKD")}
        if "adamwDefaultRule" in records:
            results["AdamW, five steps"] = check_adamw(records["adamwDefaultRule"], salt)
        for name, (terms, norms) in results.items():
            ok = terms < 1e-8 and norms < 1e-6
            failed |= not ok
            print(f"{'ok    ' if ok else 'FAILED'} {name}: loss terms within {terms:.1e}, norms within {norms:.1e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
