"""Trains a few steps in PyTorch: to compare numbers with, or to time.

Numbers: `python scrkd.py --weights w.safetensors --teacher t.safetensors --batches DIR --steps 5 --out result.json`
    Weights have state-dict names (a run's checkpoints qualify; moments in them are ignored). DIR holds one .safetensors file a step, in
    the order of their names, each with `image`, `mask`, `teacherImage`, float32, NHWC or NCHW; or NAME.image.npy and so on.
    Without --teacher it is an undistilled PSPNet. Prints one line of JSON a step (raw, unweighted terms).

Times: `python scrkd.py --bench --batch 8 --student 112 --teacher-size 224 --steps 5`
    With --serve one step is run for every line on standard input, so that another program can alternate with this one.
"""
import argparse
import hashlib
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import factored
import rivals
import synthetic
from isaanet import ISAANet, ISAANetStudent
from losses import RULES, plain_terms, scrkd_terms, total_of
from networks import PSPNet, SCRKDStudent
from segformer import SegFormer, SegFormerStudent
from solnet import SOLNet
from transxnet import TransXNet, TransXNetStudent

# Plain, and as a student; SOLNet's stages differ in channels, so that it learns by KD instead of SCRKD.
NETWORKS = {
    "pspnet": (PSPNet, SCRKDStudent),
    "segformer": (SegFormer, SegFormerStudent),
    "transxnet": (TransXNet, TransXNetStudent),
    "isaanet": (ISAANet, ISAANetStudent),
    "solnet": (SOLNet, SOLNet),
}
ARRAYS = {"image": 3, "teacherImage": 3, "mask": 1}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, help="initial weights of the student")
    parser.add_argument("--teacher", type=Path, help="weights of the teacher")
    parser.add_argument("--batches", type=Path, help="folder of batches")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--network", choices=tuple(NETWORKS), default="pspnet")
    parser.add_argument("--backbone", choices=("resnet18", "resnet50"), default="resnet50")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--rule", choices=tuple(RULES), help="default: the one of this network")
    parser.add_argument("--teacher-mode", choices=("eval", "train"), default="eval")
    parser.add_argument("--lr", type=float, default=2e-5)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--out", type=Path, help="the steps as one JSON file")
    parser.add_argument("--save-state", type=Path, help="the student after the last step, as safetensors (BN statistics included)")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--cuda", action="store_true", help="on an NVIDIA GPU, in full float32 (with --bench)")
    parser.add_argument("--factored", action="store_true", help="the same in fewer operations (factored.py)")
    parser.add_argument("--bench", action="store_true", help="synthetic weights and one synthetic batch")
    parser.add_argument("--serve", action="store_true", help="run a step for every line on standard input")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--student", type=int, default=112)
    parser.add_argument("--teacher-size", type=int, default=224)
    options = parser.parse_args()
    options.rule = options.rule or ("same-stage" if options.network in ("segformer", "transxnet") else "default")
    if not options.bench and not (options.weights and options.batches):
        parser.error("give --weights and --batches, or --bench")
    return options


def load_weights(model, path):
    tensors = {name: value for name, value in load_file(path).items() if not name.startswith(("moment1/", "moment2/"))}
    result = model.load_state_dict(tensors, strict=False)
    missing = [name for name in result.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or result.unexpected_keys:
        raise SystemExit(f"{path}: {len(missing)} tensors missing {missing[:3]}, {len(result.unexpected_keys)} unexpected {result.unexpected_keys[:3]}")
    return model


def arrays_of(folder):
    """The batches of a folder as stored, in the order of their names."""
    packed = sorted(folder.glob("*.safetensors"))
    if packed:
        return (load_file(path) for path in packed)
    stems = sorted(path.name.removesuffix(".image.npy") for path in folder.glob("*.image.npy"))
    if not stems:
        raise SystemExit(f"{folder}: no *.safetensors and no *.image.npy")
    return ({name: torch.from_numpy(np.load(path)) for name in ARRAYS if (path := folder / f"{stem}.{name}.npy").exists()} for stem in stems)


def batch_from(arrays, dtype):
    """The batch in NCHW, and the hash of its bytes as stored: images, student's first, then the mask."""
    digest = hashlib.sha256()
    batch = {}
    for name, channels in ARRAYS.items():
        if name not in arrays:
            continue
        array = arrays[name].contiguous()
        digest.update(array.numpy().tobytes())
        batch[name] = (array if array.shape[1] == channels else array.permute(0, 3, 1, 2)).to(dtype)
    return batch, digest.hexdigest()


def placed(model, options, dtype):
    model = model.to(dtype=dtype, device="cuda" if options.cuda else "cpu")
    if options.channels_last:
        for parameter in model.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return model


def build(options, dtype):
    """The student and, where there is one, its teacher."""
    distilled = options.bench or options.teacher
    own = (options.backbone, options.width) if options.network == "pspnet" else ()
    plain, taught = NETWORKS[options.network]
    student = (taught if distilled else plain)(*own)
    teacher = plain(*own) if distilled else None
    if options.bench:
        synthetic.fill(student)
        synthetic.fill(teacher, "teacher.")
        if options.network == "solnet":
            student.draw(options.batch)
    else:
        load_weights(student, options.weights)
        if teacher is not None:
            load_weights(teacher, options.teacher)
    student = placed(student, options, dtype).train()
    if teacher is not None:
        teacher = placed(teacher, options, dtype).requires_grad_(False).train(options.teacher_mode == "train")
    if options.factored:
        for model in (student, teacher):
            if model is not None:
                factored.apply(model)
    return student, teacher


def batches(options, dtype):
    if not options.bench:
        for arrays in arrays_of(options.batches):
            yield batch_from(arrays, dtype)
        return
    data = synthetic.batch(options.batch, options.student, options.teacher_size)
    memory_format = torch.channels_last if options.channels_last else torch.contiguous_format
    data = {name: value.to("cuda" if options.cuda else "cpu", dtype).contiguous(memory_format=memory_format) for name, value in data.items()}
    while True:
        yield data, None


def terms_of(options, student, teacher, data):
    """The raw, unweighted terms of one batch."""
    if teacher is None:
        return plain_terms(student, data)
    if options.network == "solnet":
        return rivals.kd_terms(options.network, student, teacher, data)
    return scrkd_terms(student, teacher, data, RULES[options.rule])


def train(options):
    dtype = getattr(torch, options.dtype)
    student, teacher = build(options, dtype)
    optimiser = torch.optim.AdamW(student.parameters(), lr=options.lr, weight_decay=options.weight_decay, fused=True)
    source = batches(options, dtype)
    requests = sys.stdin if options.serve else range(options.steps)
    steps = []
    for number, _ in enumerate(requests, 1):
        data, digest = next(source)
        start, cpu = time.perf_counter(), time.process_time()
        terms = terms_of(options, student, teacher, data)
        total = total_of(terms, options.network)
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        optimiser.step()
        record = {"step": number, "total": total.item(), **{name: value.item() for name, value in terms.items()}}
        if digest is not None:
            record["batch"] = digest
        if options.bench:
            record["milliseconds"] = 1000 * (time.perf_counter() - start)
            record["cpuSeconds"] = time.process_time() - cpu
            record["peakKibibytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        steps.append(record)
        print(json.dumps(record), flush=True)
    return student, steps


def main():
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    name = f"PyTorch {torch.__version__}"
    if options.cuda:
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        name += f" on {torch.cuda.get_device_name()}"
    if options.serve:
        print(json.dumps({"ready": f"{name}{', our factoring' if options.factored else ''}"}), flush=True)
    student, steps = train(options)
    if options.out:
        settings = {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items() if name in ("steps", "network", "backbone", "width", "rule", "teacher_mode", "lr", "weight_decay", "dtype")}
        options.out.write_text(json.dumps({"torch": torch.__version__, "settings": settings, "steps": steps}, indent=1) + "\n")
    if options.save_state:
        state = {name: value.contiguous() for name, value in student.state_dict().items() if not name.endswith("num_batches_tracked")}
        save_file(state, options.save_state)


if __name__ == "__main__":
    main()
