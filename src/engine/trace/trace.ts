import '../gradients.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { InputSpecs, StepFunction, TensorRecord } from '../engine.ts';
import { checkTensor, typeOf } from '../host-tensor.ts';
import { checkOutputs } from '../outputs.ts';
import { typesOf } from '../program.ts';
import { recording } from './backend.ts';
import type { Graph, InputValue, Value } from './graph.ts';
import { located } from './place.ts';
import { dense, iota, rowMajor } from './symbolic.ts';

/** A step as a graph. Inputs and outputs are stored row-major, as their shapes say; constants have become part of the graph. */
export interface Trace {
  readonly graph: Graph;
  readonly inputs: readonly InputValue[];
  /** In the order of the record that the step returned. */
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly milliseconds: number;
}

/** Deep enough to reach from a kernel through the gradients of tfjs to the step's own source. */
const stackDepth = 60;

/**
 * Runs a step once on symbolic tensors and returns what it would compute.
 * @throws {EngineError} `unsupported-operation`, `random-operation`, `value-read-in-step`, `shape` or `step`, with the operation and the
 *   place (file:line:column) in the step's source. What the step itself throws is passed on.
 */
export function trace(step: StepFunction, inputs: InputSpecs): Trace {
  const start = performance.now();
  return recording((backend) => {
    const { graph } = backend;
    const values: InputValue[] = [];
    const tensors: TensorRecord = {};
    for (const [name, spec] of Object.entries(inputs)) {
      const { shape, dtype } = typeOf(spec);
      let value: Value;
      if (spec.kind === 'constant') {
        checkTensor(name, spec.value, spec.value);
        value = graph.uniqueConstant(spec.value.data, shape, dtype);
      } else {
        value = graph.input(name, shape, dtype);
        values.push(value);
      }
      tensors[name] = tf.engine().makeTensorFromTensorInfo({ dataId: backend.put(rowMajor(value)), shape: [...shape], dtype });
    }
    const results = call(step, tensors);
    checkOutputs(results, typesOf(inputs));
    const outputs = Object.entries(results).map(([name, tensor]) => ({ name, value: dense(graph, backend.symbolicOf(tensor.dataId), iota(tensor.rank)) }));
    return { graph, inputs: values, outputs, milliseconds: performance.now() - start };
  });
}

/** Calls the step; what goes wrong inside is told with its place. */
function call(step: StepFunction, tensors: TensorRecord): unknown {
  const previousDepth = Error.stackTraceLimit;
  Error.stackTraceLimit = stackDepth;
  try {
    return step(tensors);
  } catch (error) {
    throw located(error);
  } finally {
    Error.stackTraceLimit = previousDepth;
  }
}
