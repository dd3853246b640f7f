import type { ScrkdOptions } from '../../src/config/catalog/scrkd.ts';
import type { NetworkDefinition } from '../../src/training/step.ts';

const options: ScrkdOptions = {
  headWeights: 'default',
  gateConvolution: 'default',
  mvcdSize: 'default',
  msfdWeighting: 'default',
  msfdPyramid: 'default',
  msfdPairing: 'default',
  dsdDirection: 'default',
  dsdTemperature: 'default',
  teacherMode: 'default',
};
const model = { model: 'pspnet', options: { backbone: 'resnet18', width: 0.25 } } as const;
const student: NetworkDefinition = { ...model, height: 48, width: 48, adapter: { method: 'scrkd', options } };
const teacher: NetworkDefinition = { ...model, height: 96, width: 96 };

/** The training that `five-steps.test.ts` compares with PyTorch; `scripts/five-steps` makes the numbers. */
export const fiveSteps = {
  student,
  teacher,
  options,
  /** The teacher keeps its initial weights: what it is does not matter here. */
  teacherSeed: 77,
  scenes: { train: 40, test: 1, size: 96, seed: 5 },
  training: { seed: 2025, batchSize: 8, optimizer: { learningRate: 2e-5, weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } },
  /** Of all batch norms, one at the stem, one deep, one of the decoder, one of the disentanglement, one of the shared MSFD convolution. */
  keptStatistics: ['bkbone.bn1', 'bkbone.layer4.1.bn2', 'fuse1.bn1', 'decouple3.conv2.1', 'adaptive2.1'].flatMap((name) => [`${name}.running_mean`, `${name}.running_var`]),
};
