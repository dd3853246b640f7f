import type { GraphStatistics } from '../engine.ts';
import { productCost } from './contraction.ts';
import { convolutionCost } from './convolution.ts';
import { type ConstantValue, type Node, byteLengthOf, evaluationOrder } from './graph.ts';
import { peakIntermediateBytes } from './liveness.ts';
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
  return {
    nodes: order.length,
    nodesByOperation,
    multiplyAccumulates,
    constantBytes,
    peakBytes: constantBytes + total(trace.inputs) + total(madeOutputs) + peakIntermediateBytes(order, outputs),
    traceMilliseconds: trace.milliseconds,
  };
}
