import { type Node, type Value, byteLengthOf } from './graph.ts';

/** These give their input's buffer another shape. */
const viewOperations = new Set(['Reshape', 'Identity']);

/**
 * The bytes of intermediate values at the worst moment, when the nodes run in this order.
 *
 * The model: a value lives from the node that makes it to the last node that uses it; a reshape shares its input's buffer; inputs,
 * constants and outputs live throughout and are not counted here; nothing is computed in place, and a runtime's own scratch memory
 * and rounding of sizes are left to the caller.
 */
export function peakIntermediateBytes(order: readonly Node[], outputs: readonly Value[]): number {
  const owners = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owners.get(value) ?? value;
  const lastUse = new Map<Value, number>();
  order.forEach((node, position) => {
    for (const input of node.inputs) lastUse.set(ownerOf(input), position);
    if (viewOperations.has(node.operation)) owners.set(node.outputs[0]!, ownerOf(node.inputs[0]!));
    else for (const output of node.outputs) lastUse.set(output, position);
  });
  const permanent = new Set(outputs.map(ownerOf));

  let living = 0;
  let peak = 0;
  order.forEach((node, position) => {
    const made = viewOperations.has(node.operation) ? [] : node.outputs.filter((output) => !permanent.has(output));
    for (const output of made) living += byteLengthOf(output);
    peak = Math.max(peak, living);
    for (const value of new Set([...node.inputs.map(ownerOf), ...made])) {
      if (value.kind === 'result' && !permanent.has(value) && lastUse.get(value) === position) living -= byteLengthOf(value);
    }
  });
  return peak;
}

/**
 * The order in which onnxruntime runs nodes that are written in a given order, before it fuses any: depth first from the last node that
 * nothing uses, and into the latest written input first. It decides what lives at the same time; the order of the file does not.
 */
export function runOrder(written: readonly Node[]): Node[] {
  const position = new Map(written.map((node, index) => [node, index]));
  const inputsOf = (node: Node): Node[] => node.inputs.flatMap((input) => (input.kind === 'result' ? [input.node] : []));
  const used = new Set(written.flatMap(inputsOf));
  const order: Node[] = [];
  const visited = new Set<Node>();
  const stack = written.filter((node) => !used.has(node)).map((node) => ({ node, isReady: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, isReady } = top;
    if (isReady) order.push(node);
    else if (!visited.has(node)) {
      visited.add(node);
      stack.push({ node, isReady: true });
      const waiting = inputsOf(node).filter((input) => !visited.has(input)).sort((a, b) => position.get(a)! - position.get(b)!);
      for (const input of waiting) stack.push({ node: input, isReady: false });
    }
  }
  return order;
}
