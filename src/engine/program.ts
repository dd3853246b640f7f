import * as l10n from '@vscode/l10n';
import type { HostTensor, HostTensors, InputSpec, InputSpecs, Program, ProgramStatistics } from './engine.ts';
import { EngineError } from './errors.ts';
import { type TensorType, checkTensor, typeOf } from './host-tensor.ts';

/** What a program remembers of its inputs: constants live on in the engine only. */
export interface InputType extends TensorType {
  readonly kind: InputSpec['kind'];
}
export type InputTypes = Readonly<Record<string, InputType>>;

export function typesOf(inputs: InputSpecs): InputTypes {
  return Object.fromEntries(Object.entries(inputs).map(([name, spec]) => {
    const { shape, dtype } = typeOf(spec);
    return [name, { kind: spec.kind, shape: [...shape], dtype }];
  }));
}

/** The names of the inputs of one kind. */
export function namesOf(inputs: InputTypes, kind: InputSpec['kind']): string[] {
  return Object.keys(inputs).filter((name) => inputs[name]!.kind === kind);
}

/** What every engine's program checks in the same way: names, shapes, missing state, overlapping calls. */
export abstract class CheckedProgram implements Program {
  abstract readonly statistics: ProgramStatistics;
  protected readonly inputs: InputTypes;
  readonly #missingState: Set<string>;
  #busy = false;
  #disposed = false;

  constructor(inputs: InputSpecs) {
    this.inputs = typesOf(inputs);
    this.#missingState = new Set(namesOf(this.inputs, 'state'));
  }

  /** Replaces one state tensor by a copy of a checked value. */
  protected abstract storeState(name: string, value: HostTensor): void;
  /** A copy of one state tensor that was written. */
  protected abstract loadState(name: string): Promise<HostTensor>;
  /** Copies of state tensors that were written. */
  protected async loadStates(names: readonly string[]): Promise<Record<string, HostTensor>> {
    const values: Record<string, HostTensor> = {};
    for (const name of names) values[name] = await this.loadState(name);
    return values;
  }
  /** One step on checked feeds; the state may change only when nothing can fail any more. */
  protected abstract execute(feeds: HostTensors): Promise<Record<string, HostTensor>>;
  protected abstract release(): Promise<void>;

  async writeState(values: HostTensors): Promise<void> {
    await this.#alone(() => {
      for (const [name, value] of Object.entries(values)) {
        const spec = this.inputs[name];
        if (spec?.kind !== 'state') throw unknownInput(name, this.inputs, 'state');
        checkTensor(name, value, spec);
      }
      for (const [name, value] of Object.entries(values)) {
        this.storeState(name, value);
        this.#missingState.delete(name);
      }
      return Promise.resolve();
    });
  }

  async readState(names: readonly string[] = namesOf(this.inputs, 'state')): Promise<Record<string, HostTensor>> {
    return this.#alone(async () => {
      for (const name of names) {
        if (this.inputs[name]?.kind !== 'state') throw unknownInput(name, this.inputs, 'state');
        if (this.#missingState.has(name)) throw stateMissing([name]);
      }
      return this.loadStates(names);
    });
  }

  async run(feeds: HostTensors): Promise<Record<string, HostTensor>> {
    return this.#alone(async () => {
      if (this.#missingState.size > 0) throw stateMissing([...this.#missingState]);
      for (const name of Object.keys(feeds)) {
        if (this.inputs[name]?.kind !== 'feed') throw unknownInput(name, this.inputs, 'feed');
      }
      for (const name of namesOf(this.inputs, 'feed')) {
        const feed = feeds[name];
        if (feed === undefined) throw new EngineError('feed-missing', l10n.t('The run was given no "{0}".', name));
        checkTensor(name, feed, this.inputs[name]!);
      }
      return this.execute(feeds);
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    await this.#alone(() => this.release());
    this.#disposed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#disposed) throw new EngineError('disposed', l10n.t('The program was disposed of.'));
    if (this.#busy) throw new EngineError('busy', l10n.t('The program is in use: wait for the last call to end.'));
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}

function unknownInput(name: string, inputs: InputTypes, kind: 'feed' | 'state'): EngineError {
  const known = namesOf(inputs, kind);
  const shown = known.length > 8 ? `${known.slice(0, 8).join(', ')}, …` : known.join(', ');
  return new EngineError('unknown-input', kind === 'feed' ? l10n.t('The program takes no feed "{0}"; it takes: {1}.', name, shown) : l10n.t('The program has no state "{0}"; it has: {1}.', name, shown));
}

function stateMissing(names: readonly string[]): EngineError {
  return new EngineError('state-missing', l10n.t('The state "{0}" was never written ({1} missing).', names[0]!, names.length));
}
