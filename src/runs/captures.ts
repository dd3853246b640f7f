/**
 * Captures: what the networks made of a sample at an epoch, for panels and figures. float16 (a correlation in [-1, 1] is kept to
 * 2.5e-4), one triangle of symmetric matrices, one file a sample and epoch.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { elementCount, toFloat32 } from '../formats/dtypes.ts';
import { encodeFloat16, largestFloat16 } from '../formats/float16.ts';
import { withSafetensors } from '../formats/safetensors-reader.ts';
import { safetensorsBytes, writeSafetensorsFile, type TensorSource } from '../formats/safetensors-writer.ts';
import type { NewRunEvent } from '../protocol/events.ts';
import { count, parseJson, toJson } from '../protocol/json.ts';
import { onFileAsync, RunsError } from './errors.ts';
import { makeFolder, namesIn } from './files.ts';
import { parsed } from './read-run.ts';
import type { RunFolder } from './run-folder.ts';
import { packTriangles, triangleLength, unpackTriangles } from './symmetric.ts';

/** One tensor of a capture, e.g. `stage1/corr_c/F` [C, C], `head1/logit` [h, w], `saliency` [h, w]. */
export interface CaptureView {
  name: string;
  shape: readonly number[];
  data: Float32Array;
  /** The last two sizes are equal and the matrices symmetric: only their upper triangles are stored. */
  symmetric: boolean;
}

export interface Capture {
  sample: string;
  epoch: number;
  step: number;
  views: CaptureView[];
}

/** What a capture's metadata says; `packed-captures.ts` reads it as well. */
export const captureInfo = z.object({
  v: z.literal(1),
  sample: z.string(),
  epoch: count,
  step: count,
  /** By view: the side of a symmetric matrix, and the power of two by which values beyond float16 were divided. */
  views: z.record(z.string(), z.object({ symmetric: count.exactOptional(), exponent: z.int().exactOptional() })),
});
type CaptureInfo = z.infer<typeof captureInfo>;

/** The metadata entry that holds it. */
export const captureInfoKey = 'scrkd';

/** The writing side; belongs to the run's writer. */
export class CaptureStore {
  readonly #folder: RunFolder;
  readonly #append: (event: NewRunEvent) => void;
  readonly #budget: number;
  #bytes: number;
  #ended = false;

  /** @param budget bytes that all captures of the run may take */
  constructor(folder: RunFolder, append: (event: NewRunEvent) => void, budget: number) {
    this.#folder = folder;
    this.#append = append;
    this.#budget = budget;
    this.#bytes = bytesIn(folder);
  }

  /** Bytes that the run's captures take. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Stores the captures of one epoch, reported by one `capture` event. When they would exceed the budget nothing is stored, now
   * or later, and a `log` event `capture-budget` says so once.
   * @returns whether they were stored
   * @throws RunsError
   */
  async write(epoch: number, step: number, captures: readonly Omit<Capture, 'epoch' | 'step'>[]): Promise<boolean> {
    if (this.#ended) return false;
    const encoded = captures.map((capture) => encode({ ...capture, epoch, step }));
    const sizes = encoded.map(({ tensors, metadata }) => safetensorsBytes(tensors, metadata));
    const paths = captures.map(({ sample }) => this.#folder.capture(epoch, sample));
    const added = sizes.reduce((sum, size) => sum + size, 0) - paths.reduce((sum, path) => sum + sizeOf(path), 0);
    if (this.#bytes + added > this.#budget) {
      this.#ended = true;
      const message = l10n.t('Captures end here: epoch {0} would bring them to {1} bytes, the budget is {2}.', epoch, this.#bytes + added, this.#budget);
      this.#append({ type: 'log', level: 'warning', reason: 'capture-budget', message, details: { epoch, bytes: this.#bytes, budget: this.#budget } });
      return false;
    }
    const folder = this.#folder.captureFolder(epoch);
    makeFolder(folder);
    for (const [i, { tensors, metadata }] of encoded.entries()) {
      await onFileAsync(paths[i]!, () => writeSafetensorsFile(paths[i]!, tensors, metadata));
    }
    this.#bytes += added;
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    this.#append({ type: 'capture', epoch, step, samples: captures.map(({ sample }) => sample), folder: this.#folder.relative(folder), bytes });
    return true;
  }
}

/**
 * Reads a capture: triangles made whole again, float32.
 * @param names only these views; all by default
 * @throws RunsError `corrupt`, `newer-version`; FormatError
 */
export async function readCapture(path: string, names?: readonly string[]): Promise<Capture> {
  return withSafetensors(path, async (file) => {
    const text = file.metadata[captureInfoKey];
    if (text === undefined) throw new RunsError('corrupt', path, l10n.t('is no capture: it names no sample in its metadata.'));
    const { sample, epoch, step, views } = parsed(parseJson(captureInfo, text), path);
    const capture: Capture = { sample, epoch, step, views: [] };
    for (const name of names ?? file.names) {
      const { dtype, shape, data } = await file.read(name);
      const info = Object.hasOwn(views, name) ? views[name]! : {};
      const values = toFloat32(dtype, data);
      const scale = 2 ** (info.exponent ?? 0);
      if (scale !== 1) for (let i = 0; i < values.length; i++) values[i]! *= scale;
      capture.views.push(info.symmetric === undefined ? { name, shape, data: values, symmetric: false } : unpack(name, shape, values, info.symmetric, path));
    }
    return capture;
  });
}

/** Epochs with captures, ascending, and their samples' files. */
export function captureFiles(folder: RunFolder): { epoch: number; files: string[] }[] {
  return namesIn(folder.captures)
    .flatMap((name) => {
      const digits = /^epoch-([0-9]+)$/.exec(name)?.[1];
      if (digits === undefined) return [];
      const files = namesIn(join(folder.captures, name)).filter((file) => file.endsWith('.safetensors') && !file.startsWith('.'));
      return [{ epoch: Number(digits), files: files.sort().map((file) => join(folder.captures, name, file)) }];
    })
    .sort((a, b) => a.epoch - b.epoch);
}

function encode(capture: Capture): { tensors: TensorSource[]; metadata: Record<string, string> } {
  const info: CaptureInfo = { v: 1, sample: capture.sample, epoch: capture.epoch, step: capture.step, views: {} };
  const tensors = capture.views.map(({ name, shape, data, symmetric }): TensorSource => {
    const n = shape.at(-1) ?? 0;
    if (data.length !== elementCount(shape)) throw new TypeError(`${name}: ${data.length} values for shape [${shape.join(', ')}]`);
    if (symmetric && shape.at(-2) !== n) throw new TypeError(`${name}: [${shape.join(', ')}] is not symmetric`);
    const exponent = exponentFor(data);
    const kept = symmetric ? packTriangles(data, n) : data;
    const scaled = exponent === 0 ? kept : kept.map((value) => value * 2 ** -exponent);
    if (symmetric || exponent !== 0) info.views[name] = { ...(symmetric ? { symmetric: n } : {}), ...(exponent === 0 ? {} : { exponent }) };
    const storedShape = symmetric ? [...shape.slice(0, -2), triangleLength(n)] : shape;
    return { name, dtype: 'F16', shape: storedShape, data: encodeFloat16(scaled) };
  });
  return { tensors, metadata: { [captureInfoKey]: toJson(info) } };
}

/** The smallest power of two that brings the largest finite value within float16; 0 nearly always. */
function exponentFor(data: Float32Array): number {
  let largest = 0;
  for (const value of data) {
    const magnitude = Math.abs(value);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest <= largestFloat16 ? 0 : Math.ceil(Math.log2(largest / largestFloat16));
}

function unpack(name: string, shape: number[], packed: Float32Array, n: number, path: string): CaptureView {
  if (shape.at(-1) !== triangleLength(n)) {
    throw new RunsError('corrupt', path, l10n.t('"{0}" has {1} values a matrix, a triangle of side {2} needs {3}.', name, shape.at(-1) ?? 0, n, triangleLength(n)));
  }
  return { name, shape: [...shape.slice(0, -1), n, n], data: unpackTriangles(packed, n), symmetric: true };
}

function bytesIn(folder: RunFolder): number {
  return captureFiles(folder).flatMap(({ files }) => files).reduce((sum, file) => sum + sizeOf(file), 0);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
