import type { GraphStatistics } from '../engine.ts';
import { productCost } from './contraction.ts';
import { convolutionCost } from './convolution.ts';
import { type ConstantValue, type Node, byteLengthOf, evaluationOrder } from './graph.ts';
import { peakIntermediateBytes, runOrder } from './liveness.ts';
import type { Trace } from './trace.ts';

/** Multiply-accumulates of one node; only convolutions and matrix products count. */
function costOf(node: Node): number {
  const [first, second] = node.inputs;
  switch (node.operation) {
    case 'Conv': return convolutionCost(node.outputs[0]!, second!);
    case 'ConvTranspose': return convolutionCost(first!, second!);
    case 'MatMul': return productCost(node.outputs[0]!, first!);
    default: return 0;
  }
}

/** The constants that a graph uses. */
export function constantsOf(order: readonly Node[], outputs: Trace['outputs']): Set<ConstantValue> {
  const used = new Set<ConstantValue>();
  for (const value of [...order.flatMap((node) => node.inputs), ...outputs.map((output) => output.value)]) {
    if (value.kind === 'constant') used.add(value);
  }
  return used;
}

/**
 * What onnxruntime takes in a process beside the values themselves, as measured (bench/README.md, "Memory"): a constant is held by the caller,
 * in the model and in the session; an output is computed in one buffer and handed over in another; and blocks for intermediate values fit
 * none of them exactly - the arena's less than those of the system's allocator.
 */
const copiesOfConstants = 3;
const copiesOfOutputs = 2;
const blocksPerValue = { lean: 1.5, fast: 1.75 };

export function statisticsOf(trace: Trace, order: readonly Node[] = evaluationOrder(trace.outputs.map((output) => output.value))): GraphStatistics {
  const outputs = trace.outputs.map((output) => output.value);
  const nodesByOperation: Record<string, number> = {};
  let multiplyAccumulates = 0;
  for (const node of order) {
    nodesByOperation[node.operation] = (nodesByOperation[node.operation] ?? 0) + 1;
    multiplyAccumulates += costOf(node);
  }
  const total = (values: Iterable<Parameters<typeof byteLengthOf>[0]>): number => [...values].reduce((sum, value) => sum + byteLengthOf(value), 0);
  const constantBytes = total(constantsOf(order, trace.outputs));
  const madeOutputs = new Set(outputs.filter((value) => value.kind !== 'constant'));
  const held = copiesOfConstants * constantBytes + total(trace.inputs) + copiesOfOutputs * total(madeOutputs);
  const intermediate = peakIntermediateBytes(runOrder(order), outputs);
  return {
    nodes: order.length,
    nodesByOperation,
    multiplyAccumulates,
    constantBytes,
    peakBytes: held + blocksPerValue.lean * intermediate,
    fastPeakBytes: held + blocksPerValue.fast * intermediate,
    traceMilliseconds: trace.milliseconds,
  };
}
