/**
 * Feature disentanglement and adaptive aggregation (SCRKD, Sec. III-B, Eq. 3-5): per stage three branches Dⱼ of the decoder
 * feature, mixed by three gates per pixel and fused. Branch 1 keeps the student's own feature, 2 serves MVCD, 3 serves MSFD.
 */
import { add, concat, mul, sigmoid, split, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import { batchNormParameters, convolutionNormPreluParameters, convolutionParameters } from '../../nn/initialisers.ts';
import type { Layers } from '../../nn/layers.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { AdaptedFeatures, NetworkShape } from '../method.ts';

const BRANCHES = [1, 2, 3];

/** PyTorch's order: the branches of all stages. In PSPNet the official initialiser does not reach them, so they keep the framework's default. */
export function branchParameters({ features, adapterSchemes }: NetworkShape): ParameterSpec[] {
  return features.flatMap(({ channels }, index) =>
    BRANCHES.flatMap((branch) => convolutionNormPreluParameters(`decouple${index + 1}.conv${branch}`, { in: channels, out: channels, kernel: 3 }, adapterSchemes?.branches ?? 'framework-default')),
  );
}

/** The gates of all stages (SCRKD, Eq. 4, has a 3×3 convolution; the code 1×1), then the fusion convolutions of all stages. */
export function aggregationParameters({ features, adapterSchemes }: NetworkShape, options: ScrkdOptions): ParameterSpec[] {
  const scheme = adapterSchemes?.others ?? 'kaiming-normal-fan-in';
  const kernel = options.gateConvolution === 'paper' ? 3 : 1;
  const gates = features.flatMap(({ channels }, index) =>
    convolutionParameters(`att_conv${index + 1}.0`, { in: BRANCHES.length * channels, out: BRANCHES.length, kernel }, 'plain', scheme),
  );
  const fusions = features.flatMap(({ channels }, index) => [
    ...convolutionParameters(`fusion_conv${index + 1}.0`, { in: channels, out: channels, kernel: 3 }, 'none', scheme),
    ...batchNormParameters(`fusion_conv${index + 1}.1`, channels),
  ]);
  return [...gates, ...fusions];
}

function stageBranches(layers: Layers, stage: number, feature: Tensor4D): [Tensor4D, Tensor4D, Tensor4D] {
  const branch = (index: number): Tensor4D => {
    const name = `decouple${stage}.conv${index}`;
    return layers.unit(feature, { convolution: `${name}.0`, norm: `${name}.1` }, { activation: { kind: 'prelu', name: `${name}.2.weight` } });
  };
  return [branch(1), branch(2), branch(3)];
}

/** Gᵏ = BN(conv(Σⱼ aⱼ ⊙ Dⱼ)), a = σ(conv(concat D)). */
function aggregate(layers: Layers, stage: number, branches: readonly [Tensor4D, Tensor4D, Tensor4D]): Tensor4D {
  const gates = sigmoid(layers.convolution(concat([...branches], 3), `att_conv${stage}.0`));
  const [first, second, third] = split(gates, BRANCHES.length, 3) as [Tensor4D, Tensor4D, Tensor4D];
  const mixture = add<Tensor4D>(add(mul(branches[0], first), mul(branches[1], second)), mul(branches[2], third));
  return layers.unit(mixture, { convolution: `fusion_conv${stage}.0`, norm: `fusion_conv${stage}.1` });
}

/** @param features decoder features [B,h,w,C], finest first. */
export function disentangle(layers: Layers, features: readonly Tensor4D[]): AdaptedFeatures {
  const stages = features.map((feature, index) => {
    const branches = stageBranches(layers, index + 1, feature);
    return { branches, fused: aggregate(layers, index + 1, branches) };
  });
  return {
    forHeads: stages.map(({ fused }) => fused),
    operands: { D2: stages.map(({ branches }) => branches[1]), D3: stages.map(({ branches }) => branches[2]) },
  };
}
