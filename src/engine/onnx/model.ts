/** Writes a traced step as an ONNX model (onnx.proto, IR version 8, opset 17). */
import { Message } from '../../base/protobuf.ts';
import type { DType } from '../engine.ts';
import { type Attribute, type ConstantValue, type Node, type Value, type ValueType, evaluationOrder } from '../trace/graph.ts';
import { constantsOf } from '../trace/statistics.ts';
import type { Trace } from '../trace/trace.ts';

const irVersion = 8;
const opsetVersion = 17;
const producer = 'scrkd';

/** TensorProto.DataType */
const elementType: Readonly<Record<ValueType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** AttributeProto.AttributeType */
const attributeType = { float: 1, integer: 2, string: 3, integers: 7 } as const;

export interface ModelOptions {
  /** The model's name of an output; default: its own. It must differ from every input's. */
  readonly outputName?: (name: string) => string;
  /** The model's name of an input; default: its own. */
  readonly inputName?: (name: string) => string;
  /** Free key-value pairs of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Outputs in the shape in which they come into being, see `ModelOutput`; default: in the step's. */
  readonly asMade?: boolean;
}

/**
 * An output of the model. A last reshape would cost a copy, because an output has a buffer of its own; whoever knows the shape can do
 * without.
 */
export interface ModelOutput {
  readonly name: string;
  /** In the step. */
  readonly shape: readonly number[];
  /** In the model: as many elements in the same order. */
  readonly madeShape: readonly number[];
  readonly dtype: DType;
}

function beforeReshape(value: Value): Value {
  const source = value.kind === 'result' && value.node.operation === 'Reshape' ? value.node.inputs[0]! : value;
  return source.kind === 'result' ? source : value;
}

function attributeMessage(name: string, value: Attribute): Message {
  const message = new Message().string(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, attributeType.integer);
  if (typeof value === 'string') return message.string(4, value).integer(20, attributeType.string);
  if ('float' in value) return message.float(2, value.float).integer(20, attributeType.float);
  for (const entry of value) message.integer(8, entry);
  return message.integer(20, attributeType.integers);
}

function valueInfo(name: string, { shape, dtype }: Value): Message {
  const dimensions = new Message();
  for (const extent of shape) dimensions.message(1, new Message().integer(1, extent));
  const tensorType = new Message().integer(1, elementType[dtype]).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensorType));
}

function initializer(name: string, { data, shape, dtype }: ConstantValue): Message {
  const message = new Message();
  for (const extent of shape) message.integer(1, extent);
  return message.integer(2, elementType[dtype]).string(8, name).bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function nodeMessage(operation: string, name: string, inputs: readonly string[], outputs: readonly string[], attributes: Node['attributes']): Message {
  const message = new Message();
  for (const input of inputs) message.string(1, input);
  for (const output of outputs) message.string(2, output);
  message.string(3, name).string(4, operation);
  for (const [key, value] of Object.entries(attributes)) message.message(5, attributeMessage(key, value));
  return message;
}

/** The bytes of a model that computes the outputs in their order; inputs that nothing uses are left out. */
export function writeModel(trace: Trace, { outputName = (name) => name, inputName = (name) => name, metadata = {}, asMade = false }: ModelOptions = {}): { bytes: Uint8Array; usedInputs: Set<string>; outputs: ModelOutput[]; order: Node[] } {
  const outputs = trace.outputs.map(({ name, value }) => ({ name, value: asMade ? beforeReshape(value) : value }));
  const order = evaluationOrder(outputs.map((output) => output.value));
  const names = new Map<Value, string>();
  for (const { name, value } of outputs) {
    if (value.kind === 'result' && !names.has(value)) names.set(value, outputName(name));
  }
  const usedInputs = new Set<string>();
  const nameOf = (value: Value): string => {
    switch (value.kind) {
      case 'input':
        usedInputs.add(value.name);
        return inputName(value.name);
      case 'constant':
        return `constant${value.id}`;
      case 'result':
        return names.get(value) ?? `value${value.id}`;
    }
  };

  const graph = new Message();
  order.forEach((node, position) => {
    graph.message(1, nodeMessage(node.operation, `${node.operation}_${position}`, node.inputs.map(nameOf), node.outputs.map(nameOf), node.attributes));
  });
  for (const { name, value } of outputs) {
    // an input or a constant as it is, or one value under two names
    if (nameOf(value) !== outputName(name)) graph.message(1, nodeMessage('Identity', `Identity_${name}`, [nameOf(value)], [outputName(name)], {}));
  }
  graph.string(2, 'step');
  for (const constant of constantsOf(order, outputs)) graph.message(5, initializer(nameOf(constant), constant));
  for (const input of trace.inputs) {
    if (usedInputs.has(input.name)) graph.message(11, valueInfo(inputName(input.name), input));
  }
  for (const { name, value } of outputs) graph.message(12, valueInfo(outputName(name), value));

  const model = new Message().integer(1, irVersion).string(2, producer).message(7, graph);
  model.message(8, new Message().string(1, '').integer(2, opsetVersion));
  for (const [key, value] of Object.entries(metadata)) model.message(14, new Message().string(1, key).string(2, value));
  const described = trace.outputs.map(({ name, value }, index) => ({ name, shape: value.shape, madeShape: outputs[index]!.value.shape, dtype: value.dtype as DType }));
  return { bytes: model.encode(), usedInputs, outputs: described, order };
}
