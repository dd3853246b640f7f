/** Runs a step as it stands, operation by operation, on a registered tfjs backend: the slow, independent check of every traced number. */
import './gradients.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { DType, Engine, HostTensor, HostTensors, InputSpecs, Program, ProgramStatistics, StepFunction, TensorRecord } from './engine.ts';
import { EngineError } from './errors.ts';
import { checkTensor } from './host-tensor.ts';
import { checkOutputs } from './outputs.ts';
import { CheckedProgram } from './program.ts';

/**
 * An engine on a tfjs backend that was registered by its import, e.g. `cpu`.
 * @throws {EngineError} `runtime` when there is no such backend.
 */
export function createEagerEngine(backendName: string, described: Partial<Pick<Engine, 'name' | 'device' | 'versions'>> = {}): Engine {
  tf.enableProdMode(); // only silences tfjs: its start-up banner and its advice
  const backend: unknown = tf.findBackend(backendName); // null when there is none, whatever its type says
  if (backend === null) {
    throw new EngineError('runtime', l10n.t('The tfjs backend "{0}" is not registered.', backendName));
  }
  return {
    name: 'eager',
    device: backendName,
    versions: { tfjs: tf.version_core },
    ...described,
    compile: (step, inputs) => Promise.resolve().then(() => new EagerProgram(backendName, step, inputs)),
  };
}

class EagerProgram extends CheckedProgram implements Program {
  readonly statistics: ProgramStatistics = { compileMilliseconds: 0 };
  readonly #backendName: string;
  readonly #step: StepFunction;
  /** State and constants, kept out of every tidy. */
  readonly #held = new Map<string, tf.Tensor>();

  constructor(backendName: string, step: StepFunction, inputs: InputSpecs) {
    super(inputs);
    this.#backendName = backendName;
    this.#step = step;
    for (const [name, spec] of Object.entries(inputs)) {
      if (spec.kind !== 'constant') continue;
      checkTensor(name, spec.value, spec.value);
      this.#hold(name, spec.value);
    }
  }

  #hold(name: string, value: HostTensor): void {
    const tensor = onBackend(this.#backendName, () => tf.keep(toTensor(value, true)));
    this.#held.get(name)?.dispose();
    this.#held.set(name, tensor);
  }

  protected override storeState(name: string, value: HostTensor): void {
    this.#hold(name, value);
  }

  protected override async loadState(name: string): Promise<HostTensor> {
    return toHost(this.#held.get(name)!, this.inputs[name]!.dtype);
  }

  protected override async execute(feeds: HostTensors): Promise<Record<string, HostTensor>> {
    const outputs = onBackend(this.#backendName, () => tf.tidy(() => {
      const tensors: TensorRecord = {};
      for (const name of Object.keys(this.inputs)) tensors[name] = this.#held.get(name) ?? toTensor(feeds[name]!, false);
      const results: unknown = this.#step(tensors);
      checkOutputs(results, this.inputs);
      // A clone of each: a step may return one tensor under two names, or an input as it came.
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tf.clone(tensor)]));
    }));
    const isState = (name: string): boolean => this.inputs[name]?.kind === 'state';
    try {
      const values: Record<string, HostTensor> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        if (!isState(name)) values[name] = await toHost(tensor, tensor.dtype as DType);
      }
      for (const [name, tensor] of Object.entries(outputs)) {
        if (!isState(name)) continue;
        this.#held.get(name)?.dispose();
        this.#held.set(name, tf.keep(tensor));
        outputs[name] = tf.clone(tensor); // what `finally` disposes of
      }
      return values;
    } finally {
      tf.dispose(outputs);
    }
  }

  protected override release(): Promise<void> {
    for (const tensor of this.#held.values()) tensor.dispose();
    this.#held.clear();
    return Promise.resolve();
  }
}

/** tfjs has one current backend for the whole process: switch for the synchronous part only. */
function onBackend<Result>(backendName: string, work: () => Result): Result {
  const engine = tf.engine();
  const previous = engine.backendName;
  if (previous === backendName) return work();
  void engine.setBackend(backendName); // takes effect at once for a backend that is registered and ready
  try {
    return work();
  } finally {
    if (previous) void engine.setBackend(previous);
  }
}

function toTensor(value: HostTensor, copy: boolean): tf.Tensor {
  return tf.tensor(copy ? value.data.slice() : value.data, [...value.shape], value.dtype);
}

async function toHost(tensor: tf.Tensor, dtype: DType): Promise<HostTensor> {
  const data = await tensor.data();
  return { shape: [...tensor.shape], dtype, data: data.slice() };
}
