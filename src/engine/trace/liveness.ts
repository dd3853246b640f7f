import { type Node, type Value, byteLengthOf } from './graph.ts';

/** These give their input's buffer another shape. */
const viewOperations = new Set(['Reshape', 'Identity']);

/**
 * The bytes of intermediate values at the worst moment, when the nodes run in this order.
 *
 * The model: a value lives from the node that makes it to the last node that uses it; a reshape shares its input's buffer; inputs,
 * constants and outputs live throughout and are not counted here; nothing is computed in place, and a runtime's own scratch memory
 * and rounding of sizes are not counted.
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
