/** A tfjs backend that records kernels into a graph instead of computing them. */
import * as tf from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { DType } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { sizeOf } from '../host-tensor.ts';
import { arithmeticRecordings } from './arithmetic.ts';
import { contractionRecordings } from './contraction.ts';
import { convolutionRecordings } from './convolution.ts';
import { Graph, fill } from './graph.ts';
import type { RecordingTable } from './kernel.ts';
import { poolingRecordings } from './pooling.ts';
import { reduceRecordings } from './reduce.ts';
import { resizeRecordings } from './resize.ts';
import { shapeRecordings } from './shape.ts';
import { type Symbolic, constantTensor, dtypeOf, isIota, splatOf } from './symbolic.ts';
import { unaryRecordings } from './unary.ts';

const backendName = 'trace';

/** Every kernel that can be recorded, by its name in tfjs. */
export const recordings: RecordingTable = {
  ...unaryRecordings,
  ...arithmeticRecordings,
  ...reduceRecordings,
  ...shapeRecordings,
  ...contractionRecordings,
  ...convolutionRecordings,
  ...poolingRecordings,
  ...resizeRecordings,
};

/** The operations of tfjs that draw numbers; they make them on the host, so only the scope they run in tells. */
const randomOperations = /^(rand|randomUniform|randomUniformInt|randomNormal|randomStandardNormal|randomGamma|truncatedNormal|multinomial|dropout)__op$/;

interface Recorded {
  /** The number of the trace it belongs to (not its graph, which a kept constant would hold on to). */
  readonly trace: number;
  readonly symbolic: Symbolic;
}

export class TraceBackend extends tf.KernelBackend {
  #graph = new Graph();
  #trace = 0;
  readonly #recorded = new WeakMap<object, Recorded>();
  #written = 0;

  /** The graph that is being recorded. */
  get graph(): Graph {
    return this.#graph;
  }

  /** Forgets the graph and begins another. */
  restart(): void {
    this.#graph = new Graph();
    this.#trace++;
  }

  put(symbolic: Symbolic): object {
    const dataId = {};
    this.#recorded.set(dataId, { trace: this.#trace, symbolic });
    this.#written++;
    return dataId;
  }

  /** What is known of a tensor. Constants that a step keeps from one trace to the next are taken over into this one. */
  symbolicOf(dataId: object): Symbolic {
    let known = this.#recorded.get(dataId);
    if (known === undefined) {
      tf.engine().moveData(this, dataId); // computed by another backend: becomes a constant
      known = this.#recorded.get(dataId)!;
    }
    if (known.trace === this.#trace) return known.symbolic;
    const { value, order, shape } = known.symbolic;
    if (value.kind !== 'constant') throw new EngineError('step', l10n.t('The step uses a tensor of an earlier trace; a step may keep nothing but constants.'));
    return { value: this.#graph.constant(value.data, value.shape, value.dtype), order, shape };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const scopes = tf.engine().state.scopeStack;
    const random = scopes.find((scope) => randomOperations.test(scope.name));
    if (random) {
      const operation = random.name.replace(/__op$/, '');
      throw new EngineError('random-operation', l10n.t('The step draws random numbers with "{0}", which would be the same ones at every run. Pass them as an input.', operation), { operation });
    }
    return this.put(constantTensor(this.#graph, values as ArrayLike<number>, shape, checkedType(dtype)));
  }

  override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.#recorded.set(dataId, { trace: this.#trace, symbolic: constantTensor(this.#graph, values as ArrayLike<number>, shape, checkedType(dtype)) });
  }

  override readSync(dataId: object): tf.BackendValues {
    const symbolic = this.#recorded.get(dataId)?.symbolic;
    if (symbolic?.value.kind === 'constant') {
      const number = splatOf(symbolic);
      if (number !== undefined) return fill(dtypeOf(symbolic), sizeOf(symbolic.shape), number);
      if (isIota(symbolic.order) && sizeOf(symbolic.shape) === symbolic.value.data.length) return symbolic.value.data as tf.BackendValues;
    }
    throw new EngineError('value-read-in-step', l10n.t('The step reads the value of a tensor, which is not known while the step is traced.'));
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  // The recorded tensors are plain objects: nothing to count or to free.
  override disposeData(): boolean { return true; }
  override refCount(): number { return 1; }
  override incRef(): void { /* see above */ }
  override numDataIds(): number { return this.#written; }
  override memory(): { unreliable: boolean } { return { unreliable: true }; }
  override floatPrecision(): 32 { return 32; }
  override timerAvailable(): boolean { return false; }
  override dispose(): void { /* see above */ }
}

function checkedType(dtype: tf.DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new EngineError('shape', l10n.t('The step makes a tensor of type {0}; only float32, int32 and bool can be recorded.', dtype));
}

let instance: TraceBackend | undefined;

/** The backend, registered with its kernels at the first call. */
export function traceBackend(): TraceBackend {
  if (instance) return instance;
  const backend = new TraceBackend();
  tf.registerBackend(backendName, () => backend, -1);
  for (const [kernelName, record] of Object.entries(recordings)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const symbolics: Record<string, Symbolic> = {};
        for (const [name, input] of Object.entries(inputs) as [string, tf.TensorInfo | null | undefined][]) {
          if (input) symbolics[name] = backend.symbolicOf(input.dataId);
        }
        // the one place where tfjs's untyped maps meet the typed recordings
        const result = record(backend.graph, symbolics as never, (attrs ?? {}) as never);
        const info = (symbolic: Symbolic): tf.TensorInfo => ({ dataId: backend.put(symbolic), shape: [...symbolic.shape], dtype: dtypeOf(symbolic) });
        return Array.isArray(result) ? result.map(info) : info(result);
      },
    });
  }
  instance = backend;
  return backend;
}

/** Runs synchronous work with the trace backend as tfjs's current one and a fresh graph. */
export function recording<Result>(work: (backend: TraceBackend) => Result): Result {
  const backend = traceBackend();
  const engine = tf.engine();
  if (!engine.backendName) tf.backend(); // lets tfjs choose: there must be one to go back to
  const previous = engine.backendName;
  backend.restart();
  void engine.setBackend(backendName); // takes effect at once
  engine.startScope('trace');
  try {
    return work(backend);
  } finally {
    engine.endScope();
    backend.restart();
    if (previous !== backendName) void engine.setBackend(previous);
  }
}
