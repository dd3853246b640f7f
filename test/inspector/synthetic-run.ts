/** Run folders with captures of known values, written by the trainer's own writer: a teacher, a plain student and a distilled one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { CaptureView } from '../../src/runs/captures.ts';
import { newId } from '../../src/runs/identifiers.ts';
import { epochName, type RunFolder } from '../../src/runs/run-folder.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';

export type SyntheticArm = 'teacher' | 'plain' | 'distilled';

export interface SyntheticOptions {
  readonly folder: string;
  readonly samples: readonly string[];
  /** Epochs that are captured, from 0. */
  readonly epochs: readonly number[];
  /** Samples of the dataset that no run captures. */
  readonly uncaptured?: readonly string[];
  /** Epochs of which the runs keep a checkpoint: by its name alone, for nothing in it is read here. */
  readonly kept?: readonly number[];
  /** Pixels of a sample's square image; 64 by default. */
  readonly imageSide?: number;
  /** What an arm's network makes of a sample at an epoch (0 for the teacher). */
  readonly views: (arm: SyntheticArm, sample: string, epoch: number) => CaptureView[];
}

export interface SyntheticRun {
  readonly distilled: RunFolder;
  readonly plain: RunFolder;
  readonly teacher: RunFolder;
}

/** Sides of the networks' images. */
export const teacherSide = 32;
export const studentSide = 16;

export async function syntheticRun(options: SyntheticOptions): Promise<SyntheticRun> {
  const { folder, samples, epochs, views } = options;
  const root = join(folder, 'data');
  await writeDataset(root, [...samples, ...(options.uncaptured ?? [])], options.imageSide ?? 64);
  const runs = join(folder, 'runs');
  const launch = newId();
  const create = (stage: string, side: number, parents: Parameters<typeof RunWriter.create>[1]['parents']): RunWriter =>
    RunWriter.create(runs, {
      launch,
      experiment: 'synthetic',
      stage,
      stageKey: stage,
      parents,
      config: { experiment: { dataset: { root, name: 'data', lists: {} }, stages: [{ name: stage, model: { name: 'pspnet', options: {} }, resolution: { height: side, width: side }, ...(stage === 'student' ? { distill: { temperature: 1 } } : {}) }] } },
      dataset: { root, fingerprint: 'f', counts: { train: 0, validation: 0, test: samples.length } },
      engine: { name: 'none', device: 'none', threads: 1, versions: {} },
    });
  const teacher = create('teacher', teacherSide, {});
  finish(teacher, epochs);
  const plain = create('baseline', studentSide, {});
  const distilled = create('student', studentSide, { teacher: { run: teacher.manifest.id, checkpoint: 'last', sha256: '0'.repeat(64) } });
  for (const epoch of epochs) {
    await plain.captures.write(epoch, epoch, samples.map((sample) => ({ sample, views: views('plain', sample, epoch) })));
    await distilled.captures.write(
      epoch,
      epoch,
      samples.map((sample) => ({ sample, views: [...views('distilled', sample, epoch), ...(epoch === epochs[0] ? views('teacher', sample, 0).map((view) => ({ ...view, name: `teacher/${view.name}` })) : [])] })),
    );
  }
  for (const { folder: { checkpoints } } of [plain, distilled]) {
    for (const epoch of options.kept ?? []) {
      mkdirSync(checkpoints, { recursive: true });
      writeFileSync(join(checkpoints, `${epochName(epoch)}.safetensors`), '');
    }
  }
  finish(plain, epochs);
  finish(distilled, epochs);
  return { distilled: distilled.folder, plain: plain.folder, teacher: teacher.folder };
}

function finish(writer: RunWriter, epochs: readonly number[]): void {
  const last = epochs.at(-1) ?? 0;
  for (let epoch = 1; epoch <= last; epoch++) {
    writer.appendEpoch({ epoch, step: epoch, terms: { sod: 1 / epoch }, total: 1 / epoch, learningRate: 1e-3, seconds: 1, imagesPerSecond: 1, memoryBytes: 1, metrics: {} });
  }
  writer.progress({ epoch: last, epochs: last, step: last, stepsPerEpoch: 1 });
  writer.setState('finished');
  writer.close();
}

/** Colour gradients with a square object in their middle. */
async function writeDataset(root: string, samples: readonly string[], side: number): Promise<void> {
  for (const name of ['images', 'labels']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'test.txt'), samples.join('\n'));
  writeFileSync(join(root, 'train.txt'), samples[0]!);
  const image = new Uint8Array(3 * side * side);
  const mask = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      image.set([(255 * x) / side, (255 * y) / side, 128], 3 * (y * side + x));
      mask[y * side + x] = isObject(x / side, y / side) ? 255 : 0;
    }
  }
  const imageBytes = await sharp(image, { raw: { width: side, height: side, channels: 3 } }).jpeg().toBuffer();
  const maskBytes = await sharp(mask, { raw: { width: side, height: side, channels: 1 } }).png().toBuffer();
  for (const sample of samples) {
    writeFileSync(join(root, 'images', `${sample}.jpg`), imageBytes);
    writeFileSync(join(root, 'labels', `${sample}.png`), maskBytes);
  }
}

/** Whether a place of the image, from 0 to 1, belongs to the object. */
export function isObject(x: number, y: number): boolean {
  return x >= 0.25 && x < 0.75 && y >= 0.25 && y < 0.75;
}

/** D(a)[n,c,h,w] of the method's specification: a deterministic tensor, as [c][h][w]. */
export function deterministic(a: number, image: number, channels: number, rows: number, columns: number): Float64Array {
  const values = new Float64Array(channels * rows * columns);
  for (let c = 0, i = 0; c < channels; c++) {
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < columns; w++, i++) values[i] = Math.sin(a + 0.9 * image + 0.5 * c + 0.31 * h + 0.17 * w) + 0.3 * Math.cos(2 * a + 0.4 * image * c + 0.23 * h * w);
    }
  }
  return values;
}

/** Cosine similarities along one axis of [c][h][w], straight from their definition (SCRKD, Eq. 6). */
export function cosines(feature: Float64Array, [channels, rows, columns]: readonly [number, number, number], axis: 'c' | 'h' | 'w'): Float32Array {
  const n = { c: channels, h: rows, w: columns }[axis];
  const vectors: number[][] = Array.from({ length: n }, () => []);
  for (let c = 0, i = 0; c < channels; c++) for (let h = 0; h < rows; h++) for (let w = 0; w < columns; w++, i++) vectors[{ c, h, w }[axis]]!.push(feature[i]!);
  const norm = (vector: readonly number[]): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  const matrix = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] = vectors[i]!.reduce((sum, value, k) => sum + value * vectors[j]![k]!, 0) / (norm(vectors[i]!) * norm(vectors[j]!));
  return matrix;
}

/** The three matrices of a stage as a capture holds them. */
export function correlationViews(stage: number, operand: string, feature: Float64Array, shape: readonly [number, number, number]): CaptureView[] {
  return (['c', 'h', 'w'] as const).map((axis) => {
    const data = cosines(feature, shape, axis);
    const n = Math.sqrt(data.length);
    return { name: `stage${stage}/corr_${axis}/${operand}`, shape: [n, n], data, symmetric: true };
  });
}

/** All that a capture holds, of features D(a + stage) that wander to D(1.7 + stage) over the epochs where `towards` says so. */
export function plausibleViews(arm: SyntheticArm, sampleIndex: number, progress: number, channels = 12): CaptureView[] {
  const a = arm === 'teacher' ? 1.7 : arm === 'plain' ? 0.2 : 0.2 + 1.5 * progress;
  const side = arm === 'teacher' ? teacherSide : studentSide;
  const views: CaptureView[] = [];
  for (let stage = 1; stage <= 3; stage++) {
    const grid = studentSide >> stage;
    const feature = deterministic(a + 0.1 * stage, sampleIndex, channels, grid, grid);
    for (const operand of arm === 'distilled' ? ['F', 'D2', 'D3'] : ['F']) {
      views.push(...correlationViews(stage, operand, feature, [channels, grid, grid]));
      views.push({ name: `stage${stage}/mean/${operand}`, shape: [side >> stage, side >> stage], data: plane(side >> stage, (x, y) => 1 + Math.sin(a + 6 * x * y)), symmetric: false });
    }
    views.push({ name: `head${stage}/logit`, shape: [side >> stage, side >> stage, 1], data: plane(side >> stage, (x, y) => (isObject(x, y) ? 2 : -3) + a + x), symmetric: false });
  }
  views.push({ name: 'saliency', shape: [side, side, 1], data: plane(side, (x, y) => saliencyAt(arm, progress, x, y)), symmetric: false });
  return views;
}

/** Better with progress: the plain student misses a part of the object and sees one where there is none. */
export function saliencyAt(arm: SyntheticArm, progress: number, x: number, y: number): number {
  const quality = arm === 'teacher' ? 0.9 : arm === 'plain' ? 0.3 : 0.3 + 0.5 * progress;
  return isObject(x, y) ? 0.2 + 0.75 * quality * (1 - 0.3 * x) : 0.6 * (1 - quality) * y;
}

function plane(side: number, value: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => value((i % side) / side, Math.floor(i / side) / side));
}
