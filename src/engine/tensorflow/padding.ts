/** tfjs's kernels for TensorFlow know the paddings `same` and `valid` only: symmetric ones become a padded input and `valid`. */
import * as tf from '@tensorflow/tfjs-core';

type Attributes = { readonly pad: unknown } & Record<string, unknown>;
type Kernel = (given: { inputs: Record<string, tf.Tensor>; attrs: Attributes; backend: unknown }) => tf.TensorInfo;

/** Below every value that a maximum may see. */
const belowAll = -3e38;

const sides = (pad: number): [number, number][] => [[0, 0], [pad, pad], [pad, pad], [0, 0]];
const grown = (shape: readonly number[], pad: number): number[] => [shape[0]!, shape[1]! + 2 * pad, shape[2]! + 2 * pad, shape[3]!];
const cut = (padded: tf.TensorInfo, pad: number, shape: readonly number[]): tf.TensorInfo => tf.slice(tf.engine().makeTensorFromTensorInfo(padded), [0, pad, pad, 0], [...shape]);

type Symmetric = (valid: (inputs: Record<string, tf.Tensor>, changes?: object) => tf.TensorInfo, inputs: Record<string, tf.Tensor>, pad: number, attrs: Attributes) => tf.TensorInfo;

const ofPadded: Symmetric = (valid, inputs, pad) => valid({ ...inputs, x: tf.pad(inputs['x']!, sides(pad)) });
const inputGradient: Symmetric = (valid, inputs, pad, attrs) => {
  const shape = attrs['inputShape'] as number[];
  return cut(valid(inputs, { inputShape: grown(shape, pad) }), pad, shape);
};

/** What a kernel computes for a symmetric padding, by its own form for `valid`. */
const symmetric: Readonly<Record<string, Symmetric>> = {
  Conv2D: ofPadded,
  Conv2DBackpropFilter: ofPadded,
  Conv2DBackpropInput: inputGradient,
  DepthwiseConv2dNative: ofPadded,
  DepthwiseConv2dNativeBackpropFilter: ofPadded,
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  MaxPool: (valid, inputs, pad) => valid({ ...inputs, x: tf.pad(inputs['x']!, sides(pad), belowAll) }),
  MaxPoolGrad: (valid, inputs, pad) => cut(valid({ ...inputs, input: tf.pad(inputs['input']!, sides(pad), belowAll) }), pad, inputs['input']!.shape),
};

/** Replaces the backend's kernels by ones that take a symmetric padding, too. */
export function acceptSymmetricPadding(backendName: string): void {
  for (const [kernelName, compute] of Object.entries(symmetric)) {
    const original = tf.getKernel(kernelName, backendName).kernelFunc as unknown as Kernel;
    tf.unregisterKernel(kernelName, backendName);
    const kernelFunc: Kernel = ({ inputs, attrs, backend }) => {
      const { pad } = attrs;
      if (typeof pad !== 'number') return original({ inputs, attrs, backend });
      return compute((changed, changes) => original({ inputs: changed, attrs: { ...attrs, pad: 'valid', ...changes }, backend }), inputs, pad, attrs);
    };
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as unknown as tf.KernelFunc });
  }
}
