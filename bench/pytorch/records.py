"""Records of loss terms and gradient norms of a first step, in float64, in the format that `npm run parity` reads.

    python records.py --network SegFormer --method FitNet SCRKD … --student 64 --teacher 128 --batch 2 [--salt S] > records.json
    python records.py --check RECORDS.json     compares with records of the official code instead

Sizes are a side or HEIGHTxWIDTH. `--dtype float32` shows what rounding alone makes of a record.
"""
import argparse
import json
import sys

import torch

import rivals
from isaanet import ISAANet, ISAANetStudent
from losses import RULES, WEIGHTS, scrkd_terms, total_of
from networks import PSPNet, SCRKDStudent
from segformer import SegFormer, SegFormerStudent
from solnet import SOLNet
from synthetic import batch as make_batch, fill, sides
from transxnet import TransXNet, TransXNetStudent


def of_any_size(network):
    return lambda size, head: network()


PLAIN = {"PSPNet": of_any_size(PSPNet), "SegFormer": of_any_size(SegFormer), "TransXNet": TransXNet, "ISAANet": of_any_size(ISAANet), "SOLNet": of_any_size(SOLNet)}
STUDENTS = {"PSPNet": of_any_size(SCRKDStudent), "SegFormer": of_any_size(SegFormerStudent), "TransXNet": TransXNetStudent, "ISAANet": of_any_size(ISAANetStudent)}
WATCHED = {
    "PSPNet": ("bkbone.conv1.weight", "fuse1.fuse.weight", "SOD_head5.process.4.weight"),
    "SegFormer": ("patch_embed1.proj.weight", "block3.1.attn.q.weight", "linear_c2.proj.weight", "linear_fuse.0.weight"),
    "ISAANet": ("backbone.conv_stem.weight", "n3.0.weight", "k2.conv1.0.weight", "kkk1.mlp.0.weight", "sal3.3.weight"),
    "SOLNet": ("backbone.stage0.rbr_dense.conv.weight", "QK.enhance_conv.weight", "QK.K.mlp.0.weight", "Conv2.weight", "feature_4.weight"),
    "TransXNet": ("patch_embed.proj.conv.weight", "network.4.3.token_mixer.local_unit.weight", "relative_pos_enc.1", "sod_head.cls_seg.3.weight"),
}
SCRKD_WATCHED = ("decouple1.conv2.0.weight", "adaptive2.0.weight", "att_conv1.0.weight", "fusion_conv3.0.weight")


def scrkd_rule(name):
    if name.startswith(("PSPNet", "ISAANet")):
        return RULES["default"]
    if name.startswith("SegFormer"):
        return RULES["SegFormer official" if "official" in name else "same-stage"]
    return RULES["same-stage" if "fixed" in name else "TransXNet official"]


def largest(size):
    return max(sides(size))


def norms(model, names):
    parameters = dict(model.named_parameters())
    return {name: parameters[name].grad.norm().item() for name in names if name in parameters and parameters[name].grad is not None}


def scrkd_record(name, sizes, salt, dtype):
    network = name.split()[0]
    batch, student_size, teacher_size = sizes
    official_head = network == "TransXNet" and "fixed" not in name
    student = fill(STUDENTS[network](largest(student_size), official_head).to(dtype), salt=salt).train()
    teacher = fill(PLAIN[network](largest(teacher_size), official_head).to(dtype), "teacher.", salt).eval().requires_grad_(False)
    data = {key: value.to(dtype) for key, value in make_batch(batch, student_size, teacher_size, salt).items()}
    terms = scrkd_terms(student, teacher, data, scrkd_rule(name))
    total = total_of(terms, network.lower())
    total.backward()
    weights = WEIGHTS[network.lower()]
    weighted = {key: weights.get(key, 1.0) * value.item() for key, value in terms.items()}
    return {**weighted, "total": total.item(), "gradNorm": norms(student, (*WATCHED[network], *SCRKD_WATCHED))}


def rival_record(name, sizes, salt, dtype):
    network, method = name.split()[:2]
    batch, student_size, teacher_size = sizes
    # the official wrappers use the official head
    student = fill(PLAIN[network](largest(student_size), True).to(dtype), "student.", salt).train()
    teacher = fill(PLAIN[network](largest(teacher_size), True).to(dtype), "teacher.", salt).eval().requires_grad_(False)
    data = {key: value.to(dtype) for key, value in make_batch(batch, student_size, teacher_size, salt).items()}
    if network == "SOLNet":
        student.draw(batch, salt)
    sod, lesson = rivals.lesson(network.lower(), student, teacher, data)
    made = rivals.METHODS[method]
    module = made(data["teacherImage"].shape[2] // lesson.features[0].shape[2]) if method == "PD" else made()
    terms = module_terms(fill(module.to(dtype), salt=salt).train(), lesson)
    total = sod + sum(terms.values())
    total.backward()
    own = {f"student.{key}": value for key, value in norms(student, WATCHED[network]).items()}
    adapters = [key for key, parameter in module.named_parameters() if parameter.dim() > 1 and not key.startswith("criterion")][:2]
    return {"sod": sod.item(), **{key: value.item() for key, value in terms.items()}, "total": total.item(), "gradNorm": {**own, **norms(module, adapters)}}


def module_terms(module, lesson):
    return module(lesson)


def record(name, sizes, salt="", dtype=torch.float64):
    torch.set_default_dtype(dtype)
    make = scrkd_record if name.split()[1] == "SCRKD" else rival_record
    return make(name, sizes, salt, dtype)


def size(text):
    parts = [int(part) for part in text.split("x")]
    return parts[0] if len(parts) == 1 else parts


def check(path, dtype, only):
    with open(path) as file:
        file_records = json.load(file)
    for name, expected in file_records.get("lossesAndGradients", file_records).items():
        if name.split()[0] not in PLAIN or (only and only not in name):
            continue
        sizes = expected.get("batch", 2), expected.get("studentRes", 64), expected.get("teacherRes", 128)
        found = record(name, sizes, file_records.get("meta", {}).get("salt", ""), dtype)
        pairs = {key: (value, found.get(key)) for key, value in expected.items() if isinstance(value, float)}
        # the official names of terms carry their weights
        order = [value for key, value in found.items() if key != "gradNorm"]
        deviations = {key: abs((order[index] if actual is None else actual) / value - 1) for index, (key, (value, actual)) in enumerate(pairs.items())}
        deviations |= {f"|grad {key}|": abs(found["gradNorm"][key] / value - 1) for key, value in expected["gradNorm"].items() if key in found["gradNorm"]}
        print(f"{name}: within {max(deviations.values()):.1e}", {key: f"{value:.1e}" for key, value in deviations.items()}, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", help="file of records to compare with")
    parser.add_argument("--only", help="part of a record's name, with --check")
    parser.add_argument("--network", choices=tuple(PLAIN))
    parser.add_argument("--method", nargs="+", help="SCRKD, 'SCRKD fixed stage order' and so on, or a comparison method; all: every comparison method")
    parser.add_argument("--student", type=size, default=64)
    parser.add_argument("--teacher", type=size, default=128)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--salt", default="")
    parser.add_argument("--remark", help="put behind ' @' in every name")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    options = parser.parse_args()
    dtype = getattr(torch, options.dtype)
    if options.check:
        return check(options.check, dtype, options.only)
    methods = tuple(rivals.METHODS) if options.method == ["all"] else options.method
    sizes = options.batch, options.student, options.teacher
    made = {}
    for method in methods:
        name = f"{options.network} {method}"
        made[f"{name} @{options.remark}" if options.remark else name] = {"batch": options.batch, "studentRes": options.student, "teacherRes": options.teacher, **record(name, sizes, options.salt, dtype)}
        print(name, file=sys.stderr, flush=True)
    print(json.dumps({"meta": {"salt": options.salt, "what": "float64 PyTorch (bench/pytorch/records.py), not official"}, "lossesAndGradients": made}, indent=1))


if __name__ == "__main__":
    main()
