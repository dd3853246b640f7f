"""What other programs make of this project's files: a run in its own, checked by PIL, onnxruntime, PyTorch, TensorBoard and PySODMetrics.

    npm run build
    python3 -m venv venv && venv/bin/pip install -r scripts/interop/requirements.txt
    venv/bin/python scripts/interop/check.py [--dataset FOLDER] [--fixture test/metrics/fixtures/trained-maps.json]

Trains a small teacher and student on synthetic scenes (or on a dataset of yours), then compares:
  * `scrkd export`, run by onnxruntime on what PIL decodes and resizes, with `scrkd predict`: at most 1/255;
  * `scrkd weights convert`, loaded strictly into PyTorch modules written in the official code's style, with the exported model;
  * `tb/`, read by TensorBoard's own reader, with `events.jsonl`;
  * `scrkd evaluate` with PySODMetrics: the trained maps, and blurred, noisy, constant, binary and inverted ones on the same masks: 1e-4.
Prints a line of JSON for each and fails where a bound is exceeded.
"""
import argparse
import base64
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import py_sod_metrics as sod
import torch
from PIL import Image, ImageFilter
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/pytorch"))
from networks import SCRKDStudent, bilinear  # noqa: E402

warnings.simplefilter("ignore")

CONFIG = """
version: 1
experiment: interop
dataset: {{ root: {root}, validation: none }}
stages:
  teacher: {{ model: {{ name: pspnet, backbone: resnet18, width: 0.25 }}, resolution: 112 }}
  student: {{ model: {{ name: pspnet, backbone: resnet18, width: 0.25 }}, resolution: [48, 64], distill: {{ from: teacher, method: scrkd }} }}
training: {{ epochs: {epochs}, batchSize: 4, optimizer: {{ learningRate: 1.0e-3 }} }}
captures: {{ samples: 1, every: 1000 }}
"""
FIXTURE_SIDE = 48


def scrkd(*arguments, folder):
    done = subprocess.run(["node", str(ROOT / "dist/cli.js"), *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"scrkd {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
    return done.stdout


def report(what, within, **figures):
    print(json.dumps({"what": what, **figures, "ok": bool(within)}), flush=True)
    return bool(within)


def stems(folder, split):
    return (folder / f"{split}.txt").read_text().split()


def file_of(folder, stem):
    return next(path for path in folder.iterdir() if path.stem == stem)


def gray(path):
    return np.asarray(Image.open(path).convert("L"))


def prepared(path, session):
    """As the model's metadata say, with PIL alone."""
    about = session.get_modelmeta().custom_metadata_map
    mean, std = (np.array(about[f"image.{name}"].split(","), np.float32) for name in ("mean", "std"))
    height, width = session.get_inputs()[0].shape[2:]
    picture = Image.open(path).convert("RGB")
    pixels = np.asarray(picture.resize((width, height), Image.BILINEAR), np.float32) / 255
    return ((pixels - mean) / std).transpose(2, 0, 1)[None], picture.size


def check_onnx(folder, images, session):
    """The model by Python's onnxruntime and PIL against `scrkd predict`, pixel by pixel at the images' own sizes."""
    worst, pixels, unequal, maps = 0, 0, 0, {}
    for image in images:
        feed, size = prepared(image, session)
        maps[image.stem] = (feed, session.run(None, {"image": feed})[0])
        eight_bit = Image.fromarray((255 * maps[image.stem][1][0, 0]).astype(np.uint8))
        mine = np.asarray(eight_bit.resize(size, Image.BILINEAR)).astype(int)
        theirs = gray(folder / "maps" / f"{image.stem}.png").astype(int)
        worst = max(worst, int(np.abs(mine - theirs).max()))
        unequal += int((mine != theirs).sum())
        pixels += mine.size
    return maps, report("onnx and PIL against scrkd predict", worst <= 1, images=len(images), worst=f"{worst}/255", unequalShare=unequal / pixels)


def check_pytorch(folder, maps):
    """The converted checkpoint in PyTorch against the exported model."""
    network = SCRKDStudent("resnet18", 0.25).eval()
    network.load_state_dict(torch.load(folder / "student.pth", weights_only=True), strict=True)
    worst = 0.0
    with torch.no_grad():
        for feed, expected in maps.values():
            image = torch.from_numpy(feed)
            logits = network(image)[2][0]
            worst = max(worst, float((torch.sigmoid(bilinear(logits, image.shape[2:])).numpy() - expected).__abs__().max()))
    return report("student.pth in PyTorch against student.onnx", worst < 1e-4, tensors=len(network.state_dict()), worst=worst)


def check_tensorboard(run):
    reader = EventAccumulator(str(run / "tb"), size_guidance={"scalars": 0})
    reader.Reload()
    steps = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    steps = [event for event in steps if event["type"] == "step"]
    scalars = reader.Scalars("loss/total")
    equal = [scalar.step for scalar in scalars] == [event["step"] for event in steps]
    worst = max(abs(scalar.value - event["total"]) / abs(event["total"]) for scalar, event in zip(scalars, steps))
    return report("tb/ by TensorBoard's reader against events.jsonl", equal and worst < 1e-6, tags=len(reader.Tags()["scalars"]), steps=len(scalars), worstRelative=worst)


def variants(raw, mask, random):
    """Maps of every kind on one mask."""
    blurred = np.asarray(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(4)))
    noisy = np.clip(0.6 * raw + 100 * random.random(raw.shape), 0, 255).astype(np.uint8)
    return {"trained": raw, "blurred": blurred, "noisy": noisy, "constant": np.full_like(raw, 90), "binary": (255 * (raw > 60)).astype(np.uint8), "inverted": 255 - blurred}


def pysod(pairs):
    tools = [sod.MAE(), sod.Smeasure(), sod.Emeasure(), sod.Fmeasure(), sod.WeightedFmeasure()]
    for prediction, mask in pairs:
        for tool in tools:
            tool.step(prediction, mask)
    mae, s, e, f, weighted = (tool.get_results() for tool in tools)
    return {
        "mae": mae["mae"], "s": s["sm"], "maxE": e["em"]["curve"].max(), "meanE": e["em"]["curve"].mean(), "adaptiveE": e["em"]["adp"],
        "maxF": f["fm"]["curve"].max(), "meanF": f["fm"]["curve"].mean(), "adaptiveF": f["fm"]["adp"], "weightedF": weighted["wfm"],
    }


def check_metrics(folder, dataset, ids, run):
    random = np.random.default_rng(1)
    pairs = {}
    for stem in ids:
        mask = gray(file_of(dataset / "labels", stem))
        for kind, prediction in variants(gray(run / f"predictions/raw/{stem}.png"), mask, random).items():
            pairs.setdefault(kind, []).append((stem, prediction, mask))
    fine = True
    for kind, items in pairs.items():
        target = folder / "variants" / kind
        target.mkdir(parents=True)
        for stem, prediction, _ in items:
            Image.fromarray(prediction).save(target / f"{stem}.png")
        ours = json.loads(scrkd("evaluate", target, "--dataset", dataset, "--protocol", "pysod", "--json", folder=folder))["protocols"]["pysod"]["metrics"]
        theirs = {name: float(value) for name, value in pysod([item[1:] for item in items]).items()}
        worst = max(abs(ours[name] - value) for name, value in theirs.items())
        fine &= report(f"PySODMetrics, {kind} maps", worst < 1e-4, images=len(items), worst=worst, maxF=theirs["maxF"], s=theirs["s"], weightedF=theirs["weightedF"])
    return fine


def write_fixture(path, dataset, ids, run):
    """Small trained maps with their masks, and PySODMetrics' numbers for them: what a test of the project compares with."""
    encoded = lambda values: base64.b64encode(values.tobytes()).decode()  # noqa: E731
    shrunk = lambda file: np.asarray(Image.open(file).convert("L").resize((FIXTURE_SIDE, FIXTURE_SIDE), Image.BILINEAR))  # noqa: E731
    cases = []
    for stem in ids:
        prediction = shrunk(run / f"predictions/raw/{stem}.png")
        mask = (255 * (shrunk(file_of(dataset / "labels", stem)) > 128)).astype(np.uint8)
        cases.append({"id": stem, "map": encoded(prediction), "mask": encoded(np.packbits(mask > 0)), "scores": {name: round(float(value), 10) for name, value in pysod([(prediction, mask)]).items()}})
    path.write_text('{"side": %d, "cases": [\n%s\n]}\n' % (FIXTURE_SIDE, ",\n".join(map(json.dumps, cases))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, help="in the layout train.txt, test.txt, images/, labels/ instead of synthetic scenes")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--fixture", type=Path, help="write small trained maps with PySODMetrics' numbers there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scrkd-interop-") as scratch:
        folder = Path(scratch)
        dataset = options.dataset and options.dataset.resolve()
        if dataset is None:
            dataset = folder / "data"
            scrkd("dataset", "synth", dataset, "--train", 48, "--test", 12, "--size", 128, folder=folder)
        (folder / "interop.scrkd.yaml").write_text(CONFIG.format(root=json.dumps(str(dataset)), epochs=options.epochs))
        scrkd("run", "interop.scrkd.yaml", folder=folder)
        run = next((folder / "runs/interop").glob("student-*"))
        ids = stems(dataset, "test")
        images = [file_of(dataset / "images", stem) for stem in ids]
        scrkd("export", run, "--out", "student.onnx", folder=folder)
        scrkd("predict", run, *images, "--out", "maps", folder=folder)
        scrkd("weights", "convert", run, "student.pth", folder=folder)
        session = onnxruntime.InferenceSession(str(folder / "student.onnx"), providers=["CPUExecutionProvider"])
        maps, fine = check_onnx(folder, images, session)
        results = [fine, check_pytorch(folder, maps), check_tensorboard(run), check_metrics(folder, dataset, ids, run)]
        if options.fixture:
            write_fixture(options.fixture, dataset, ids[:8], run)
    sys.exit(0 if all(results) else 1)


main()
