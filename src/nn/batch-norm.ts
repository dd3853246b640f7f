/** Batch normalisation over [B,H,W] per channel (ε = 1e-5, momentum 0.1), fused with the activation that follows it. */
import { add, div, mean, minimum, mul, reshape, rsqrt, square, step, sub, sum, type Tensor, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { activate, preluFactor, type Activation } from './activation.ts';
import { withGradient } from './custom-gradient.ts';

export const EPSILON = 1e-5;
/** Share of the newest batch in the running statistics. */
export const MOMENTUM = 0.1;

export interface BatchStatistics {
  /** [C] */
  readonly mean: Tensor1D;
  /** [C], biased: the mean of the squared deviations. */
  readonly variance: Tensor1D;
  /** Values per channel, B·H·W. */
  readonly count: number;
}

const outerAxes = [0, 1, 2];
const meanPerChannel = (x: Tensor4D): Tensor1D => mean(x, outerAxes);
const sumPerChannel = (x: Tensor4D): Tensor1D => sum(x, outerAxes);

/** Below so many values per channel the gradient is centred first: the direct form would cancel its digits away. */
const SMALL_SAMPLE = 512;

/**
 * The gradients of x̂·γ + β with batch statistics.
 * @param dz gradient of the normalised, scaled and shifted value [B,H,W,C].
 * @param scale γ / √(variance + ε).
 */
function normGradients(dz: Tensor4D, centred: Tensor4D, inverseDeviation: Tensor1D, scale: Tensor1D): [dx: Tensor4D, dGamma: Tensor1D, dBeta: Tensor1D] {
  const count = centred.size / centred.shape[3];
  const dBeta = sumPerChannel(dz);
  const meanGradient = div<Tensor1D>(dBeta, count);
  const isSmall = count <= SMALL_SAMPLE;
  const residual = isSmall ? sub<Tensor4D>(dz, meanGradient) : dz;
  const dGamma = mul<Tensor1D>(sumPerChannel(mul(residual, centred)), inverseDeviation);
  const projection = mul(mul(scale, inverseDeviation), div(dGamma, count));
  const alongInput = mul(centred, projection);
  const dx = sub<Tensor4D>(mul(residual, scale), isSmall ? alongInput : add(alongInput, mul(scale, meanGradient)));
  return [dx, dGamma, dBeta];
}

/** The gradient at the activation's input, and those of its own inputs. */
function activationGradients(dy: Tensor4D, kind: Activation['kind'], saved: readonly Tensor[]): { dz: Tensor4D; ofExtra: Tensor[] } {
  switch (kind) {
    case 'none':
      return { dz: dy, ofExtra: [] };
    case 'relu':
      return { dz: mul(dy, step(saved[0]!)), ofExtra: [] };
    case 'residual': {
      const dz = mul<Tensor4D>(dy, step(saved[0]!));
      return { dz, ofExtra: [dz] };
    }
    case 'prelu': {
      const [z, slope] = saved as [Tensor4D, Tensor];
      return { dz: mul(dy, preluFactor(z, slope)), ofExtra: [reshape(sum(mul(dy, minimum(z, 0))), [1])] };
    }
  }
}

/** The tensors of an activation that have a gradient. */
function extraInputs(activation: Activation): Tensor[] {
  switch (activation.kind) {
    case 'none':
    case 'relu':
      return [];
    case 'prelu':
      return [activation.slope];
    case 'residual':
      return [activation.residual];
  }
}

/** The same activation on the inputs that the tape hands in. */
function withExtra(activation: Activation, extra: Tensor | undefined): Activation {
  switch (activation.kind) {
    case 'none':
    case 'relu':
      return activation;
    case 'prelu':
      return { kind: 'prelu', slope: extra! };
    case 'residual':
      return { kind: 'residual', residual: extra as Tensor4D };
  }
}

/**
 * Batch norm with the batch's own statistics, then the activation: one entry of the gradient tape.
 * @param x [B,H,W,C]
 * @param onStatistics gets the batch's statistics; they die with the surrounding scope unless kept.
 */
export function batchNormTraining(x: Tensor4D, gamma: Tensor, beta: Tensor, activation: Activation, onStatistics: (statistics: BatchStatistics) => void): Tensor4D {
  const { kind } = activation;
  return withGradient<Tensor4D>(
    [x, gamma, beta, ...extraInputs(activation)],
    ([input, g, b, extra]) => {
      const map = input as Tensor4D;
      const batchMean = meanPerChannel(map);
      const centred = sub<Tensor4D>(map, batchMean);
      const variance = meanPerChannel(square(centred));
      const inverseDeviation = rsqrt(add<Tensor1D>(variance, EPSILON));
      const scale = mul(g!, inverseDeviation);
      onStatistics({ mean: batchMean, variance, count: map.size / map.shape[3] });
      const z = add<Tensor4D>(mul(centred, scale), b!);
      const value = activate(z, withExtra(activation, extra));
      const forActivation = kind === 'none' ? [] : kind === 'prelu' ? [z, extra!] : [value];
      return { value, saved: [centred, inverseDeviation, scale, ...forActivation] };
    },
    (dy, [centred, inverseDeviation, scale, ...forActivation]) => {
      const { dz, ofExtra } = activationGradients(dy, kind, forActivation);
      return [...normGradients(dz, centred as Tensor4D, inverseDeviation as Tensor1D, scale as Tensor1D), ...ofExtra];
    },
  );
}

/** 0.9·old + 0.1·new. The running variance takes the unbiased estimate; `bias` [C] is one that was left out before the norm. */
export function nextRunningStatistics(
  running: { readonly mean: Tensor; readonly variance: Tensor },
  batch: BatchStatistics,
  bias?: Tensor,
): { mean: Tensor; variance: Tensor } {
  const batchMean = bias === undefined ? batch.mean : add(batch.mean, bias);
  const unbiased = mul(batch.variance, batch.count / Math.max(batch.count - 1, 1));
  const blend = (old: Tensor, fresh: Tensor): Tensor => add(mul(old, 1 - MOMENTUM), mul(fresh, MOMENTUM));
  return { mean: blend(running.mean, batchMean), variance: blend(running.variance, unbiased) };
}
