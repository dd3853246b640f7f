/** RepVGG (Ding et al., 2021) as trained: every block is the ReLU of three normalised branches, which are one 3×3 convolution once training is over. */
import { add, addN, relu, type Tensor4D } from '@tensorflow/tfjs-core';
import { batchNormParameters, convolutionParameters, type ConvolutionShape } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

export interface RepvggBlock {
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly stride: number;
}

export interface RepvggStage {
  /** Of the first block; a stage of a single unnumbered block has one block. */
  readonly stride: number;
  readonly blocks: number;
  readonly channels: number;
}

/** The blocks of all stages in order: `stage0` is the stem, the others are numbered within their stage. */
export function repvggBlocks(prefix: string, stages: readonly RepvggStage[]): RepvggBlock[] {
  let channels = 3;
  return stages.flatMap(({ stride, blocks, channels: out }, stage) =>
    Array.from({ length: blocks }, (_, index) => {
      const block = { name: stage === 0 ? `${prefix}.stage0` : `${prefix}.stage${stage}.${index}`, in: channels, out, stride: index === 0 ? stride : 1 };
      channels = out;
      return block;
    }),
  );
}

function hasIdentity(block: RepvggBlock): boolean {
  return block.in === block.out && block.stride === 1;
}

function branchParameters(name: string, shape: ConvolutionShape): ParameterSpec[] {
  return [...convolutionParameters(`${name}.conv`, shape, 'none', 'framework-default'), ...batchNormParameters(`${name}.bn`, shape.out)];
}

export function repvggParameters(block: RepvggBlock): ParameterSpec[] {
  const { name, in: channels, out } = block;
  return [
    ...(hasIdentity(block) ? batchNormParameters(`${name}.rbr_identity`, channels) : []),
    ...branchParameters(`${name}.rbr_dense`, { in: channels, out, kernel: 3 }),
    ...branchParameters(`${name}.rbr_1x1`, { in: channels, out, kernel: 1 }),
  ];
}

/** [B,H,W,in] → [B,⌈H/stride⌉,⌈W/stride⌉,out] */
export function repvggBlock(layers: Layers, block: RepvggBlock, input: Tensor4D): Tensor4D {
  const { name, stride } = block;
  const branch = (path: string): Tensor4D => layers.unit(input, { convolution: `${name}.${path}.conv`, norm: `${name}.${path}.bn` }, { stride });
  const [dense, pointwise] = [branch('rbr_dense'), branch('rbr_1x1')];
  return relu(hasIdentity(block) ? addN([dense, pointwise, layers.norm(input, `${name}.rbr_identity`)]) : add(dense, pointwise));
}
