/**
 * tfjs-core registers no gradient by itself: whoever differentiates imports this file for its side effect.
 * (The registration reads flags that the core's own entry sets, hence the order.)
 */
import { broadcast_util, broadcastTo, div, getGradient, Maximum, Mean, Minimum, registerGradient, reshape, SquaredDifference, sum, Sum, Tile, util, type GradFunc, type Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/** dy of a reduction over `axis`, in every place of x. */
function spread(dy: Tensor, x: Tensor, axis: number | number[]): Tensor {
  const reduced = util.parseAxisParam(axis, x.shape);
  return broadcastTo(reshape(dy, x.shape.map((extent, i) => (reduced.includes(i) ? 1 : extent))), x.shape);
}

/** dy of a tiling, its copies added up. */
function gathered(dy: Tensor, x: Tensor, reps: readonly number[]): Tensor {
  const axes = x.shape.flatMap((extent, axis) => {
    const copies = { extent: reps[axis]!, isCopies: true };
    const own = { extent, isCopies: false };
    return copies.extent === 1 ? [own] : extent === 1 ? [copies] : [copies, own];
  });
  return reshape(sum(reshape(dy, axes.map(({ extent }) => extent)), axes.flatMap(({ isCopies }, axis) => (isCopies ? [axis] : []))), x.shape);
}

// tfjs multiplies by an array of ones of x's size, made and looked through on the host: seconds where a large step is traced. Of a tiling it
// slices and adds copy by copy: thousands of nodes where a broadcast is differentiated again.
const gradients: Readonly<Record<string, GradFunc>> = {
  [Sum]: (dy, [x], { axis }) => ({ x: () => spread(dy as Tensor, x!, axis as number | number[]) }),
  [Mean]: (dy, [x], { axis }) => ({ x: () => spread(div(dy as Tensor, x!.size / (dy as Tensor).size), x!, axis as number | number[]) }),
  [Tile]: (dy, [x], { reps }) => ({ x: () => gathered(dy as Tensor, x!, reps as number[]) }),
};
for (const [kernelName, gradFunc] of Object.entries(gradients)) registerGradient({ kernelName, inputsToSave: ['x'], gradFunc });

/** The gradient of an operand that was broadcast: its places added up. */
function gatheredTo(gradient: Tensor, { shape }: Tensor): Tensor {
  if (util.arraysEqual(gradient.shape, shape)) return gradient;
  return reshape(sum(gradient, broadcast_util.getReductionAxes(shape, gradient.shape)), shape);
}

// tfjs leaves these gradients at the result's shape.
for (const kernelName of [Maximum, Minimum, SquaredDifference]) {
  const given = getGradient(kernelName);
  registerGradient({
    ...given,
    gradFunc: (dy, saved, attributes) => {
      const [a, b] = saved as [Tensor, Tensor];
      const own = given.gradFunc(dy, saved, attributes) as Record<'a' | 'b', () => Tensor>;
      return { a: () => gatheredTo(own.a(), a), b: () => gatheredTo(own.b(), b) };
    },
  });
}
