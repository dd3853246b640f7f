/**
 * What a network is made of: named tensors, with the names, order and shapes of the PyTorch state dict
 * (convolution weights [out, in, height, width]).
 */
import { Random } from '../base/random.ts';
import type { HostTensor } from '../engine/engine.ts';

/** How a parameter is drawn before training. */
export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  /** N(0, deviation²). */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** U(−bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number };

export interface ParameterSpec {
  /** The key in the PyTorch state dict, e.g. `bkbone.layer1.0.conv1.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `trainable`: changed by the optimiser, where the loss depends on it. `statistic`: a running mean or variance of a batch norm. */
  readonly kind: 'trainable' | 'statistic';
  readonly initialiser: Initialiser;
  /**
   * A bias whose convolution goes straight into a batch norm. The norm removes it from its output, so while batch statistics
   * are used its gradient is exactly zero: it is not computed, weight decay alone moves the bias, and it enters the running mean.
   */
  readonly cancelledByNorm?: true;
  /** Used by the training loss only; the network that is deployed does not have it. */
  readonly trainingOnly?: true;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function draw(initialiser: Initialiser, random: Random): number {
  switch (initialiser.kind) {
    case 'constant':
      return initialiser.value;
    case 'normal':
      return initialiser.deviation * random.normal();
    case 'uniform':
      return random.between(-initialiser.bound, initialiser.bound);
  }
}

/**
 * Initial values of all parameters, float32: each a function of the seed and of the parameter's name alone, so that adding
 * a parameter to a network leaves the others as they were.
 */
export function initialise(specs: readonly ParameterSpec[], seed: number): Record<string, HostTensor> {
  const values: Record<string, HostTensor> = {};
  for (const { name, shape, initialiser } of specs) {
    const random = new Random('initialise', seed, name);
    const data = new Float32Array(elementCount(shape));
    for (let i = 0; i < data.length; i++) data[i] = draw(initialiser, random);
    values[name] = { shape, dtype: 'float32', data };
  }
  return values;
}
