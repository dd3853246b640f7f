/**
 * What an engine is: something that runs a pure function of tensors many times. Engines know nothing of what the function means.
 *
 * A step is written once in the public operations of tfjs-core. It reads no value back, draws no random number and changes
 * nothing outside itself, so that it can be traced once and run as a graph (`onnxruntime`), run as it stands (`eager`),
 * described without being run, or exported.
 */
import type { Tensor } from '@tensorflow/tfjs-core';

export type DType = 'float32' | 'int32' | 'bool';
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor outside any engine: row-major, `bool` as bytes 0 and 1. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TensorData;
}

/**
 * What a step takes.
 * - `feed`: given at each run.
 * - `state`: kept by the program between runs; an output of the same name is its next value, without one it stays.
 * - `constant`: fixed for the program's life (a frozen teacher's weights); the engine may fold it into the graph.
 */
export type InputSpec =
  | { readonly kind: 'feed'; readonly shape: readonly number[]; readonly dtype?: DType }
  | { readonly kind: 'state'; readonly shape: readonly number[]; readonly dtype?: DType }
  | { readonly kind: 'constant'; readonly value: HostTensor };

export type InputSpecs = Readonly<Record<string, InputSpec>>;
export type HostTensors = Readonly<Record<string, HostTensor>>;
export type TensorRecord = Record<string, Tensor>;

/**
 * A pure function of tensors. The order of the returned record decides the order of evaluation: what the first output needs
 * is computed first, so outputs that let large intermediate values die early belong in front.
 */
export type StepFunction = (inputs: TensorRecord) => TensorRecord;

/** What a traced graph holds and costs. Multiply-accumulates count convolutions and matrix products only. */
export interface GraphStatistics {
  readonly nodes: number;
  readonly nodesByOperation: Readonly<Record<string, number>>;
  readonly multiplyAccumulates: number;
  /** Bytes of the constants in the graph, folded ones included. */
  readonly constantBytes: number;
  /** Estimated bytes that a process takes for it at the worst moment, with the memory profile `lean` (trace/statistics.ts says of what). */
  readonly peakBytes: number;
  /** The same with the profile `fast`. */
  readonly fastPeakBytes: number;
  readonly traceMilliseconds: number;
}

export interface ProgramStatistics {
  /** Absent where the step is not traced. */
  readonly graph?: GraphStatistics;
  /** The memory profile in use, where the engine has several. */
  readonly memory?: 'fast' | 'lean';
  readonly compileMilliseconds: number;
}

/** A compiled step with its state. One call at a time: a second one while the first runs is refused (`busy`). */
export interface Program extends AsyncDisposable {
  readonly statistics: ProgramStatistics;
  /**
   * Sets all or some state tensors; the values are copied.
   * @throws {EngineError} `unknown-input` for a name that is no state, `shape` for a wrong shape, type or length.
   */
  writeState(values: HostTensors): Promise<void>;
  /**
   * Copies of the named state tensors (default: of all).
   * @throws {EngineError} `unknown-input`; `state-missing` for one never written.
   */
  readState(names?: readonly string[]): Promise<Record<string, HostTensor>>;
  /**
   * Runs the step once: returns the outputs that are no state, and the state advances. A run that throws leaves the state as it was.
   * @throws {EngineError} `unknown-input`, `feed-missing`, `shape`, `state-missing`, `busy`, `disposed`, `runtime`.
   */
  run(feeds: HostTensors): Promise<Record<string, HostTensor>>;
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /**
   * How often the program will run, about; default: without end. Preparing a graph well takes seconds, which a program
   * that does little work in all does not earn back.
   */
  readonly expectedRuns?: number;
  /** Writes onnxruntime's kernel times to files of this prefix; ignored by other engines. */
  readonly profilePrefix?: string;
}

export interface Engine {
  readonly name: 'onnxruntime' | 'tensorflow' | 'eager';
  /** Where it computes, in words, e.g. `CPU, 2 threads`. */
  readonly device: string;
  /** Versions of the runtimes that make the numbers. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Prepares a step for running.
   * @throws {EngineError} naming the operation and the place in the step's source when the step cannot be traced.
   */
  compile(step: StepFunction, inputs: InputSpecs, options?: CompileOptions): Promise<Program>;
}
