import type { NewRunEvent, StepEvent } from '../../../src/protocol/events.ts';
import type { TensorSource } from '../../../src/formats/safetensors-writer.ts';
import type { NewRunManifest } from '../../../src/runs/run-writer.ts';

export function exampleManifest(changes: Partial<NewRunManifest> = {}): NewRunManifest {
  return {
    launch: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    experiment: 'orssd-pspnet',
    stage: 'student',
    stageKey: 'key-1',
    parents: { teacher: { run: '01ARZ3NDEKTSV4RRFFQ69G5FAW', checkpoint: 'last', sha256: 'a'.repeat(64) } },
    config: { epochs: 3 },
    dataset: { root: '/data/ORSSD', fingerprint: 'f', counts: { train: 600, test: 200 } },
    engine: { name: 'onnxruntime', device: 'cpu', threads: 2, versions: { scrkd: '0.1.0' } },
    ...changes,
  };
}

export function exampleStep(step: number, changes: Partial<StepEvent> = {}): NewRunEvent & { type: 'step' } {
  return {
    type: 'step',
    epoch: Math.ceil(step / 10),
    step,
    terms: { sod: 0.5, mvcd: 0.1 },
    weights: { sod: 1, mvcd: 1 },
    total: 0.6,
    learningRate: 2e-5,
    seconds: 0.1,
    imagesPerSecond: 80,
    batch: { hash: 'b', samples: ['0001', '0002'] },
    skipped: 0,
    ...changes,
  };
}

/** A checkpoint's tensors whose every value is `value`, so that a mixture of two checkpoints shows. */
export function exampleTensors(value: number, elements = 1000): TensorSource[] {
  return [
    { name: 'conv1.weight', dtype: 'F32', shape: [elements], data: new Float32Array(elements).fill(value) },
    { name: 'bn1.num_batches_tracked', dtype: 'I64', shape: [], data: BigInt64Array.of(BigInt(value)) },
    { name: 'mask', dtype: 'U8', shape: [3], data: Uint8Array.of(value & 255, 1, 2) },
  ];
}
