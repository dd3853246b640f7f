/** What a step is and costs, and its export: from a trace alone, without running it and without a native addon. */
import * as l10n from '@vscode/l10n';
import type { DType, GraphStatistics, InputSpecs, StepFunction } from './engine.ts';
import { EngineError } from './errors.ts';
import { type TensorType, sizeOf, typeOf } from './host-tensor.ts';
import { writeModel } from './onnx/model.ts';
import { statisticsOf } from './trace/statistics.ts';
import { trace } from './trace/trace.ts';

export interface Description extends GraphStatistics {
  /** Elements of all state and constant inputs, or of those that `isParameter` chose. */
  readonly parameters: number;
  /** Shapes and types of the outputs, in their order. */
  readonly outputs: Readonly<Record<string, TensorType>>;
}

export interface DescribeOptions {
  /** Which state and constant inputs count as parameters; default: all. */
  readonly isParameter?: (name: string) => boolean;
}

/**
 * Describes a step. Weights need no values for this: give them as `state`.
 * @throws {EngineError} when the step cannot be traced.
 */
export function describe(step: StepFunction, inputs: InputSpecs, { isParameter = () => true }: DescribeOptions = {}): Description {
  const traced = trace(step, inputs);
  let parameters = 0;
  for (const [name, spec] of Object.entries(inputs)) {
    if (spec.kind !== 'feed' && isParameter(name)) parameters += sizeOf(typeOf(spec).shape);
  }
  const outputs = Object.fromEntries(traced.outputs.map(({ name, value }) => [name, { shape: value.shape, dtype: value.dtype as DType }]));
  return { ...statisticsOf(traced), parameters, outputs };
}

export interface ExportOptions {
  /** The model's names of inputs and outputs, by their names in the step; default: the same. */
  readonly names?: Readonly<Record<string, string>>;
  /** Free key-value pairs written into the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A step as the bytes of an ONNX model (opset 17). Constants become initializers; feeds and state become inputs.
 * @throws {EngineError} when the step cannot be traced; `step` when two inputs or outputs would have one name.
 */
export function toOnnx(step: StepFunction, inputs: InputSpecs, { names = {}, metadata = {} }: ExportOptions = {}): Uint8Array {
  const traced = trace(step, inputs);
  const rename = (name: string): string => names[name] ?? name;
  const seen = new Set<string>();
  for (const { name } of [...traced.inputs, ...traced.outputs]) {
    if (seen.has(rename(name))) throw new EngineError('step', l10n.t('The model would have two inputs or outputs named "{0}".', rename(name)));
    seen.add(rename(name));
  }
  return writeModel(traced, { inputName: rename, outputName: rename, metadata }).bytes;
}
