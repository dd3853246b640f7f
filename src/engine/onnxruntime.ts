/** Traces a step once and runs it as a graph with onnxruntime. */
import * as l10n from '@vscode/l10n';
import { availableParallelism, freemem } from 'node:os';
import type * as Runtime from 'onnxruntime-node';
import { messageOf } from '../base/errors.ts';
import type { CompileOptions, DType, Engine, HostTensor, HostTensors, InputSpecs, Program, ProgramStatistics, StepFunction, TensorData } from './engine.ts';
import { EngineError } from './errors.ts';
import { allocate, sizeOf } from './host-tensor.ts';
import { type ModelOutput, writeModel } from './onnx/model.ts';
import { idleOptimisers } from './onnx/optimisers.ts';
import { CheckedProgram, namesOf } from './program.ts';
import { statisticsOf } from './trace/statistics.ts';
import { trace } from './trace/trace.ts';

type OrtTensor = Runtime.Tensor;

export type MemoryProfile = 'fast' | 'lean';
export type MemoryChoice = 'auto' | MemoryProfile;

export interface OnnxRuntimeOptions {
  /** Threads of one operation; default: all cores. */
  readonly threads?: number;
  /**
   * `fast` keeps an arena from step to step; `lean` gives memory back at once: less of it, at a sixth more time.
   * `auto` (the default) is fast wherever that fits into the memory that is free when a step is compiled.
   */
  readonly memory?: MemoryChoice;
}

/**
 * The default engine.
 * @throws {EngineError} `runtime` when the native addon does not load.
 */
export async function createOnnxRuntimeEngine({ threads = availableParallelism(), memory = 'auto' }: OnnxRuntimeOptions = {}): Promise<Engine> {
  const runtime = await loadRuntime();
  return {
    name: 'onnxruntime',
    device: l10n.t('CPU, {0} threads', threads),
    versions: { onnxruntime: runtime.env.versions.node ?? runtime.env.versions.common },
    compile: (step, inputs, options) => compile(runtime, step, inputs, { threads, memory, ...options }),
  };
}

export async function loadRuntime(): Promise<typeof Runtime> {
  try {
    return await import('onnxruntime-node'); // here and not at the top: describing a step needs no native addon
  } catch (error) {
    throw new EngineError('runtime', l10n.t('onnxruntime did not load: {0}', messageOf(error)), { cause: error });
  }
}

/**
 * Multiply-accumulates of a program's whole life from which onnxruntime's graph optimisations pay: they save an eighth of a step's
 * time and cost some seconds, so that a minute's work is about where both are equal.
 */
const worthOptimising = 1e13;

/** In a model inputs and outputs are named apart: the next value of a state is not the state. */
export const nextName = (name: string): string => `next:${name}`;

async function compile(runtime: typeof Runtime, step: StepFunction, inputs: InputSpecs, options: Required<OnnxRuntimeOptions> & CompileOptions): Promise<Program> {
  const start = performance.now();
  const traced = trace(step, inputs);
  const { bytes, usedInputs, outputs } = writeModel(traced, { outputName: nextName, asMade: true });
  const graph = statisticsOf(traced);
  const work = graph.multiplyAccumulates * (options.expectedRuns ?? Infinity);
  const memory = options.memory === 'auto' ? profileFor(graph.fastPeakBytes, freemem()) : options.memory;
  const session = await createSession(runtime, bytes, work > worthOptimising, { ...options, memory });
  return new OnnxRuntimeProgram(runtime, session, inputs, usedInputs, outputs, { graph, memory, compileMilliseconds: performance.now() - start });
}

/** A tenth of what is free is left to others. */
export function profileFor(fastPeakBytes: number, freeBytes: number): MemoryProfile {
  return fastPeakBytes < 0.9 * freeBytes ? 'fast' : 'lean';
}

type SessionOptions = { readonly threads: number; readonly memory: MemoryProfile } & CompileOptions;

async function createSession(runtime: typeof Runtime, model: Uint8Array, optimised: boolean, { threads, memory, profilePrefix }: SessionOptions): Promise<Runtime.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: optimised ? 'all' : 'disabled',
      enableCpuMemArena: memory === 'fast',
      enableMemPattern: false, // a block for all values of a step, beside the arena of the first step: half as much memory again, and no time won
      logSeverityLevel: 3,
      extra: {
        session: { intra_op: { allow_spinning: '0' } }, // idle threads sleep: the machine has other work
        optimization: { disable_specified_optimizers: idleOptimisers },
      },
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    });
  } catch (error) {
    throw new EngineError('runtime', l10n.t('onnxruntime refused the traced step: {0}', messageOf(error)), { cause: error });
  }
}

class OnnxRuntimeProgram extends CheckedProgram implements Program {
  readonly statistics: ProgramStatistics;
  readonly #runtime: typeof Runtime;
  readonly #session: Runtime.InferenceSession;
  readonly #usedInputs: ReadonlySet<string>;
  readonly #outputs: readonly ModelOutput[];
  /** The state, and buffers for its next value: they change places after each run. */
  readonly #current = new Map<string, OrtTensor>();
  readonly #spare = new Map<string, OrtTensor>();

  constructor(runtime: typeof Runtime, session: Runtime.InferenceSession, inputs: InputSpecs, usedInputs: ReadonlySet<string>, outputs: readonly ModelOutput[], statistics: ProgramStatistics) {
    super(inputs);
    this.#runtime = runtime;
    this.#session = session;
    this.#usedInputs = usedInputs;
    this.#outputs = outputs;
    this.statistics = statistics;
    for (const name of namesOf(this.inputs, 'state')) {
      const { shape, dtype } = this.inputs[name]!;
      this.#current.set(name, this.#tensor(dtype, allocate(dtype, sizeOf(shape)), shape));
    }
    for (const { name, madeShape, dtype } of outputs) {
      if (this.#current.has(name)) this.#spare.set(name, this.#tensor(dtype, allocate(dtype, sizeOf(madeShape)), madeShape));
    }
  }

  #tensor(dtype: DType, data: TensorData, shape: readonly number[]): OrtTensor {
    return new this.#runtime.Tensor(dtype, data, shape);
  }

  protected override storeState(name: string, value: HostTensor): void {
    (this.#current.get(name)!.data as TensorData).set(value.data);
  }

  protected override loadState(name: string): Promise<HostTensor> {
    return Promise.resolve(toHost(this.#current.get(name)!, true));
  }

  protected override async execute(feeds: HostTensors): Promise<Record<string, HostTensor>> {
    const given: Record<string, OrtTensor> = {};
    for (const name of this.#usedInputs) {
      const feed = feeds[name];
      given[name] = feed ? this.#tensor(feed.dtype, feed.data, feed.shape) : this.#current.get(name)!;
    }
    const wanted: Record<string, OrtTensor | null> = {};
    for (const { name } of this.#outputs) wanted[nextName(name)] = this.#spare.get(name) ?? null;

    const results = await this.#session.run(given, wanted).catch((error: unknown) => {
      throw new EngineError('runtime', l10n.t('onnxruntime failed: {0}', messageOf(error)), { cause: error });
    });

    const values: Record<string, HostTensor> = {};
    for (const { name, shape, madeShape } of this.#outputs) {
      const result = results[nextName(name)] as OrtTensor;
      if (this.inputs[name] === undefined) {
        values[name] = { ...toHost(result, false), shape };
      } else {
        this.#spare.set(name, this.#current.get(name)!.reshape(madeShape));
        this.#current.set(name, result.reshape(shape));
      }
    }
    return values;
  }

  protected override async release(): Promise<void> {
    this.#current.clear();
    this.#spare.clear();
    await this.#session.release();
  }
}

export function toHost(tensor: OrtTensor, copy: boolean): HostTensor {
  const data = tensor.data as TensorData;
  return { shape: [...tensor.dims], dtype: tensor.type as DType, data: copy ? data.slice() : data };
}
