/**
 * Run folders as trainings leave them, without training: written by the same writer, with curves that fall and noise that is a
 * function of a seed. For tests, pictures and benchmarks of everything that reads runs.
 */
import { Random } from '../../../src/base/random.ts';
import type { RunStatus } from '../../../src/protocol/run.ts';
import type { RunFolder } from '../../../src/runs/run-folder.ts';
import { RunWriter } from '../../../src/runs/run-writer.ts';

export interface RealisticRun {
  readonly stage?: string;
  readonly experiment?: string;
  readonly seed?: number;
  readonly epochs?: number;
  /** Steps that are done; all by default. */
  readonly steps?: number;
  readonly stepsPerEpoch?: number;
  readonly resolution?: number;
  readonly learningRate?: number;
  /** Absent: a plain stage, that learns from nobody. */
  readonly weights?: { readonly mvcd: number; readonly msfd: number; readonly dsd: number };
  /** How it stands; `finished` by default. A run that trains belongs to this process. */
  readonly state?: RunStatus;
  /** A live change of β, accepted after this step. */
  readonly change?: { readonly afterStep: number; readonly msfd: number };
  /** A pause of three minutes after this step. */
  readonly pauseAfterStep?: number;
  /** When it began. */
  readonly began?: Date;
}

const second = 1000;

/** Writes a run; its numbers follow from the plan alone. */
export function makeRealisticRun(runsDirectory: string, plan: RealisticRun = {}): RunFolder {
  const { epochs = 20, stepsPerEpoch = 25, seed = 1, resolution = 112, learningRate = 2e-5, weights } = plan;
  const stage = plan.stage ?? (weights === undefined ? 'baseline' : 'student');
  const steps = plan.steps ?? epochs * stepsPerEpoch;
  const random = new Random('realistic-run', seed);
  let clock = (plan.began ?? new Date('2026-03-02T08:00:00Z')).getTime();
  using writer = RunWriter.create(runsDirectory, manifestOf(plan, { stage, epochs, seed, resolution, learningRate }), { now: () => new Date(clock) });
  writer.progress({ epoch: 0, epochs, step: 0, stepsPerEpoch });
  writer.setState('running');
  const current = { ...weights };
  let best = 0;
  let sums: Record<string, number> = {};
  for (let step = 1; step <= steps; step++) {
    const epoch = Math.ceil(step / stepsPerEpoch);
    const progress = step / stepsPerEpoch;
    const terms = termsAt((20 * progress) / epochs, random, weights === undefined ? undefined : current);
    const stepWeights: Record<string, number> = { sod: 1, ...current };
    const total = Object.entries(terms).reduce((sum, [name, value]) => sum + value * (stepWeights[name] ?? 0), 0);
    const seconds = (weights === undefined ? 0.055 : 0.129) * (1 + 0.04 * random.normal());
    clock += seconds * second;
    writer.append({
      type: 'step',
      epoch,
      step,
      terms,
      weights: stepWeights,
      total,
      learningRate,
      ...(weights === undefined ? {} : { temperature: 1 }),
      seconds,
      imagesPerSecond: 8 / seconds,
      batch: { hash: `${seed}-${step}`, samples: ['0001', '0002', '0003', '0004', '0005', '0006', '0007', '0008'] },
      skipped: 0,
    });
    for (const [name, value] of Object.entries({ ...terms, total, seconds })) sums = { ...sums, [name]: (sums[name] ?? 0) + value };
    if (plan.change?.afterStep === step) {
      current.msfd = plan.change.msfd;
      writer.append({ type: 'control', id: `01ARZ3NDEKTSV4RRFFQ69G5F${String(seed).padStart(2, '0')}`, verb: 'set', args: { msfd: plan.change.msfd }, outcome: 'accepted', step });
    }
    if (plan.pauseAfterStep === step) {
      writer.setState('paused');
      clock += 192 * second;
      writer.setState('running');
    }
    if (step % stepsPerEpoch !== 0) continue;
    best = endEpoch(writer, { epoch, epochs, step, stepsPerEpoch, sums, learningRate, random, best, distilled: weights !== undefined, level: weights === undefined ? 0 : qualityOf(weights) });
    sums = {};
    writer.progress({ epoch, epochs, step, stepsPerEpoch, eta: ((epochs * stepsPerEpoch - step) * seconds) });
  }
  writer.progress({ epoch: Math.floor(steps / stepsPerEpoch), epochs, step: steps, stepsPerEpoch });
  const state = plan.state ?? 'finished';
  if (state === 'finished') {
    const metrics = metricsAt(20, random, weights === undefined ? 0 : qualityOf(weights));
    writer.writeMetrics([{ protocol: 'scrkd448', split: 'test', checkpoint: 'best', epoch: epochs, images: 200, metrics, curves: {} }]);
  }
  if (state !== 'running') writer.setState(state, state === 'failed' ? { error: { reason: 'not-finite', message: 'The loss became NaN in step 31.' } } : {});
  return writer.folder;
}

interface EpochEnd {
  epoch: number;
  epochs: number;
  step: number;
  stepsPerEpoch: number;
  sums: Record<string, number>;
  learningRate: number;
  random: Random;
  best: number;
  distilled: boolean;
  level: number;
}

/** Writes what a trainer writes at an epoch's end; returns the best max F so far. */
function endEpoch(writer: RunWriter, { epoch, epochs, step, stepsPerEpoch, sums, learningRate, random, best, distilled, level }: EpochEnd): number {
  const { total = 0, seconds = 0, ...terms } = sums;
  const means = Object.fromEntries(Object.entries(terms).map(([name, sum]) => [name, sum / stepsPerEpoch]));
  const memoryBytes = (distilled ? 9.4 : 3.1) * 1024 ** 3 + (epoch > 3 ? 2e8 : 0);
  const shared = { epoch, step, terms: means, total: total / stepsPerEpoch, learningRate, seconds, imagesPerSecond: (8 * stepsPerEpoch) / seconds, memoryBytes };
  writer.append({ type: 'epoch', ...shared });
  const metrics = metricsAt((20 * epoch) / epochs, random, level);
  const isBest = metrics['maxF']! > best;
  writer.append({ type: 'evaluation', epoch, step, split: 'validation', protocol: 'selection', checkpoint: 'current', images: 60, metrics, best: isBest });
  writer.appendEpoch({ ...shared, metrics: { 'validation/selection': metrics } });
  if (epoch % 10 === 0) writer.append({ type: 'checkpoint', epoch, step, name: `epoch-${String(epoch).padStart(4, '0')}`, file: `checkpoints/epoch-${epoch}.safetensors`, sha256: '0'.repeat(64), bytes: 1000, kind: 'epoch' });
  return Math.max(best, metrics['maxF']!);
}

/** @param progress 0 to 20 over the whole training */
function termsAt(progress: number, random: Random, weights: Partial<Record<'mvcd' | 'msfd' | 'dsd', number>> | undefined): Record<string, number> {
  const falling = (from: number, to: number, time: number, noise: number): number => (to + (from - to) * Math.exp(-progress / time) + 0.35 * (from - to) * Math.exp(-progress / 0.6)) * (1 + noise * random.normal());
  const sod = falling(3.4, weights === undefined ? 0.62 : 0.5, 5, 0.055);
  if (weights === undefined) return { sod };
  return { sod, mvcd: falling(0.62, weights.mvcd === 0 ? 0.44 : 0.19, 6, 0.022), msfd: falling(0.092, 0.021, 4, 0.04), dsd: falling(0.0225, 0.0056, 5, 0.05) };
}

/** @param progress as of `termsAt` */
function metricsAt(progress: number, random: Random, level: number): Record<string, number> {
  const rising = (from: number, to: number, noise = 0.0015): number => to + (from - to) * Math.exp(-progress / 3) + noise * random.normal();
  return { mae: rising(0.072, 0.015 - 0.002 * level, 0.0003), maxF: rising(0.52, 0.869 + 0.02 * level), meanF: rising(0.5, 0.85), s: rising(0.61, 0.894 + 0.015 * level), meanE: rising(0.68, 0.935 + 0.018 * level), maxE: rising(0.7, 0.95) };
}

function qualityOf({ mvcd }: { mvcd: number }): number {
  return mvcd > 0 ? 1 : 0.75;
}

function manifestOf(plan: RealisticRun, { stage, epochs, seed, resolution, learningRate }: { stage: string; epochs: number; seed: number; resolution: number; learningRate: number }): Parameters<typeof RunWriter.create>[1] {
  const experiment = plan.experiment ?? 'orssd-pspnet';
  const training = { epochs, batchSize: 8, optimizer: { name: 'adamw', learningRate, weightDecay: 1e-4 }, schedule: { kind: 'constant' }, augmentation: 'default', seed: 2025 };
  const model = { name: 'pspnet', options: { backbone: 'resnet50', width: 1 } };
  const teacher = { name: 'teacher', model, resolution: { height: 448, width: 448 }, training };
  const distill = plan.weights === undefined ? {} : { distill: { method: 'scrkd', options: { headWeights: 'default' }, from: 'teacher', weights: plan.weights, temperature: 1 } };
  return {
    launch: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    experiment,
    stage,
    stageKey: `key-${seed}`,
    parents: plan.weights === undefined ? {} : { teacher: { run: '01ARZ3NDEKTSV4RRFFQ69G5FAW', checkpoint: 'best', sha256: 'a'.repeat(64) } },
    config: { experiment: { version: 1, name: experiment, preset: 'default', dataset: { root: '/data/ORSSD', name: 'ORSSD' }, stages: [teacher, { name: stage, model, resolution: { height: resolution, width: resolution }, training, ...distill }] } },
    dataset: { root: '/data/ORSSD', fingerprint: 'f'.repeat(64), counts: { train: 600, test: 200 } },
    engine: { name: 'onnxruntime', device: 'cpu', threads: 2, versions: { scrkd: '0.1.0' } },
  };
}
