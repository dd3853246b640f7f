"""PySODMetrics on the maps of bench/metrics.ts: one round over all of them for every line on standard input."""
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import py_sod_metrics as sod

warnings.simplefilter("ignore")


def main(folder):
    description = json.loads((Path(folder) / "images.json").read_text())
    shape = (description["height"], description["width"])
    read = lambda name: np.fromfile(Path(folder) / name, np.uint8).reshape(shape)
    pairs = [(read(f"{index}.map"), read(f"{index}.mask")) for index in range(description["images"])]
    print(json.dumps({"ready": f"PySODMetrics {version('pysodmetrics')}, numpy {np.__version__}"}), flush=True)
    for _ in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        measures = dict(mae=sod.MAE(), s=sod.Smeasure(), e=sod.Emeasure(), f=sod.Fmeasure(), weightedF=sod.WeightedFmeasure())
        for prediction, mask in pairs:
            for measure in measures.values():
                measure.step(prediction, mask)
        results = {name: measure.get_results() for name, measure in measures.items()}
        elapsed = time.perf_counter() - start
        answer = dict(mae=results["mae"]["mae"], s=results["s"]["sm"], meanE=results["e"]["em"]["curve"].mean(), maxF=results["f"]["fm"]["curve"].max(), weightedF=results["weightedF"]["wfm"])
        print(json.dumps({**{name: float(value) for name, value in answer.items()}, "milliseconds": 1000 * elapsed, "cpuSeconds": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
