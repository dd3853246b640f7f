import * as l10n from '@vscode/l10n';
import { Tensor } from '@tensorflow/tfjs-core';
import type { TensorRecord } from './engine.ts';
import { EngineError } from './errors.ts';
import { describeType, sameShape } from './host-tensor.ts';
import type { InputTypes } from './program.ts';

/**
 * Checks what a step returned.
 * @throws {EngineError} `step` unless it is a record of tensors; `shape` where a state's next value has another type than the state,
 *   or an output has the name of a feed or a constant.
 */
export function checkOutputs(outputs: unknown, inputs: InputTypes): asserts outputs is TensorRecord {
  if (typeof outputs !== 'object' || outputs === null || outputs instanceof Promise || outputs instanceof Tensor) {
    throw new EngineError('step', l10n.t('The step returned no record of tensors.'));
  }
  for (const [name, value] of Object.entries(outputs) as [string, unknown][]) {
    if (!isTensor(value)) throw new EngineError('step', l10n.t('The output "{0}" of the step is no tensor.', name));
    const spec = inputs[name];
    if (spec === undefined) continue;
    if (spec.kind !== 'state') throw new EngineError('step', l10n.t('The output "{0}" has the name of an input that is no state.', name));
    if (value.dtype !== spec.dtype || !sameShape(value.shape, spec.shape)) {
      const found = `${value.dtype} [${value.shape.join(', ')}]`;
      throw new EngineError('shape', l10n.t('The next value of the state "{0}" is {1}, expected {2}.', name, found, describeType(spec)));
    }
  }
}

function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}
