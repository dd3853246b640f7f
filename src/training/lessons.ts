/** A frozen teacher beside a training: computes what the loss reads of it, image by image, and keeps it for the next time a view comes. */
import { createHash } from 'node:crypto';
import { describe } from '../engine/describe.ts';
import type { Engine, HostTensor, HostTensors, InputSpecs, Program } from '../engine/engine.ts';
import { elementCount } from '../nn/parameters.ts';
import { TeacherOutputStore, type TeacherOutputLimits } from '../runs/teacher-outputs.ts';
import type { Weights } from './predictor.ts';
import type { TeacherStep } from './step.ts';

/** Raised when what is kept changes for reasons that no part of the fingerprint shows. */
const formatVersion = 1;

export interface LessonsOptions {
  readonly engine: Engine;
  readonly step: TeacherStep;
  readonly weights: Weights;
  /** What decides the outputs beside the teacher's weights: networks and method with their options. */
  readonly recipe: unknown;
  readonly cache: string;
  readonly limits: TeacherOutputLimits;
  /** How many images will be seen, about. */
  readonly expectedImages: number;
}

export class Lessons implements AsyncDisposable {
  readonly #options: LessonsOptions;
  readonly #inputs: InputSpecs;
  /** In the order in which the values of an image are kept. */
  readonly #outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly #store: TeacherOutputStore;
  /** Made when the first image has to be computed. */
  #program: Program | undefined;
  #computed = 0;
  #reused = 0;

  private constructor(options: LessonsOptions, inputs: InputSpecs, outputs: Lessons['outputs'], store: TeacherOutputStore) {
    this.#options = options;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#store = store;
  }

  static async create(options: LessonsOptions): Promise<Lessons> {
    const inputs = options.step.inputs(options.weights);
    const outputs = Object.entries(describe(options.step.step, inputs).outputs).map(([name, { shape }]) => ({ name, shape }));
    const store = await TeacherOutputStore.open(options.cache, fingerprint(options, outputs), options.limits);
    return new Lessons(options, inputs, outputs, store);
  }

  /** Inputs of the training step that is given what this makes. */
  get stepInputs(): InputSpecs {
    return this.#options.step.takenBy(Object.fromEntries(this.#outputs.map(({ name, shape }) => [name, shape])));
  }

  get outputs(): readonly { readonly name: string; readonly shape: readonly number[] }[] {
    return this.#outputs;
  }

  /** Bytes of one image's outputs. */
  get bytesPerImage(): number {
    return Float32Array.BYTES_PER_ELEMENT * this.#length;
  }

  /** Images that were computed, and that were known. */
  get counts(): { readonly computed: number; readonly reused: number } {
    return { computed: this.#computed, reused: this.#reused };
  }

  get folder(): string {
    return this.#store.folder;
  }

  /** Why nothing more is kept on the disk, where something failed. */
  get problem(): string | undefined {
    return this.#store.problem;
  }

  get #length(): number {
    return this.#outputs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  }

  /**
   * Feeds `taught/NAME` for a batch. An image is known by its pixels, which sample and view decide.
   * @param images [B,H,W,3]
   */
  async teach(images: HostTensor): Promise<HostTensors> {
    const [batchSize, ...shape] = images.shape as [number, ...number[]];
    const length = elementCount(shape);
    const rows: Float32Array[] = [];
    for (let row = 0; row < batchSize; row++) {
      rows.push(await this.#lesson((images.data as Float32Array).subarray(row * length, (row + 1) * length), [1, ...shape]));
    }
    const feeds: Record<string, HostTensor> = {};
    let begin = 0;
    for (const { name, shape: [, ...own] } of this.#outputs) {
      const size = elementCount(own);
      const data = new Float32Array(batchSize * size);
      for (const [row, values] of rows.entries()) data.set(values.subarray(begin, begin + size), row * size);
      feeds[name] = { shape: [batchSize, ...own], dtype: 'float32', data };
      begin += size;
    }
    return feeds;
  }

  async #lesson(image: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    const key = createHash('sha256').update(image).digest('hex');
    const known = await this.#store.get(key);
    if (known?.length === this.#length) {
      this.#reused++;
      return known;
    }
    const { engine, step, expectedImages } = this.#options;
    this.#program ??= await engine.compile(step.step, this.#inputs, { expectedRuns: expectedImages });
    const results = await this.#program.run({ teacherImage: { shape, dtype: 'float32', data: image } });
    const values = new Float32Array(this.#length);
    let begin = 0;
    for (const { name } of this.#outputs) {
      const { data } = results[name]!;
      values.set(data, begin);
      begin += data.length;
    }
    this.#computed++;
    await this.#store.put(key, values);
    return values;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.dispose();
  }
}

/** Outputs are the same only where weights, networks, method and the runtime that computes them are. */
function fingerprint({ engine, weights, recipe }: LessonsOptions, outputs: Lessons['outputs']): string {
  const hash = createHash('sha256').update(JSON.stringify({ formatVersion, recipe, outputs, engine: [engine.name, engine.device, engine.versions] }));
  for (const [name, { shape, data }] of Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${name}[${shape.join()}]`).update(data);
  return hash.digest('hex').slice(0, 32);
}
