/** SCRKD: its options (each a point in which paper and official code differ), presets and coefficients. */
import * as z from 'zod';
import type { Preset } from '../experiment.ts';
import { commonBugs, everywhere, oursOrOfficial, teacherModeField, type MethodEntry } from './method.ts';

const paperOrCode = ['default', 'paper'] as const;

export const scrkdOptions = z.strictObject({
  headWeights: z.enum(paperOrCode).meta({
    description: 'Weights of the five heads in the saliency loss. default: 1, 1, 1/2, 1/4, 1/8, as the official code. paper: 1, 1/2, 1/4, 1/8, 1/16.',
    default: 'default',
    source: 'SCRKD, Eq. 2',
  }),
  gateConvolution: z.enum(paperOrCode).meta({
    description: 'The convolution that makes the three gates. default: 1x1, as the official code. paper: 3x3.',
    default: 'default',
    source: 'SCRKD, Eq. 4',
  }),
  mvcdSize: z.enum(oursOrOfficial).meta({
    description:
      "Where correlations are compared. default: on the student's grid, all stages. official: on the teacher's grid, without stage 1 unless 224 teaches 112 (costs memory).",
    default: 'default',
    source: 'SCRKD, Eq. 7',
  }),
  msfdWeighting: z.enum(paperOrCode).meta({
    description: 'How the student\'s features are weighted. default: cosine with refined features, as the official code. paper: affinity with a learned temperature, raw features.',
    default: 'default',
    source: 'SCRKD, Eq. 8-11',
  }),
  msfdPyramid: z.enum(paperOrCode).meta({
    description: 'Weights of the pooled levels. default: halved from level to level and normalised, as the official code. paper: uniform.',
    default: 'default',
    source: 'SCRKD, Eq. 12',
  }),
  msfdPairing: z.enum(oursOrOfficial).meta({
    description: 'Which teacher stage each student stage learns from. default: one rule for all sizes. official: the pairing of the official script for these sizes.',
    default: 'default',
    source: 'SCRKD, Eq. 8-11',
  }),
  dsdDirection: z.enum(paperOrCode).meta({
    description: 'Direction of the divergence. default: KL(teacher || student), mean over all elements, as the official code. paper: KL(student || teacher), sum over both channels.',
    default: 'default',
    source: 'SCRKD, Eq. 14',
  }),
  dsdTemperature: z.enum(oursOrOfficial).meta({
    description: 'Where the temperature acts. default: inside the softmax. official: after it, which only scales the term.',
    default: 'default',
    source: 'SCRKD, Eq. 14',
  }),
  teacherMode: teacherModeField,
});

export type ScrkdOptions = Readonly<z.output<typeof scrkdOptions>>;

const everyDefault: ScrkdOptions = {
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

const presets: Readonly<Record<Preset, ScrkdOptions>> = {
  default: everyDefault,
  paper: { ...everyDefault, headWeights: 'paper', gateConvolution: 'paper', msfdWeighting: 'paper', msfdPyramid: 'paper', dsdDirection: 'paper' },
  'official-code': { ...everyDefault, mvcdSize: 'official', msfdPairing: 'official', dsdTemperature: 'official', teacherMode: 'official' },
};

export const scrkd: MethodEntry<ScrkdOptions> = {
  title: 'SCRKD',
  description: 'Cross-resolution distillation of correlations (MVCD), features (MSFD) and saliency (DSD).',
  source: 'SCRKD, Eq. 1',
  options: scrkdOptions,
  presets,
  terms: {
    mvcd: {
      description: 'Multi-view correlation distillation (SCRKD, Eq. 7).',
      weights: { pspnet: 1, segformer: 0.1, transxnet: 0.2 },
      settings: [['options', 'mvcdSize']],
    },
    msfd: {
      description: 'Multi-scale feature distillation (SCRKD, Eq. 12).',
      weights: { pspnet: 1, segformer: 1, transxnet: 0.6 },
      settings: [
        ['options', 'msfdWeighting'],
        ['options', 'msfdPyramid'],
        ['options', 'msfdPairing'],
      ],
    },
    dsd: {
      description: 'Decoupled saliency distillation (SCRKD, Eq. 14).',
      weights: { pspnet: 10, segformer: 100, transxnet: 20 },
      settings: [['temperature'], ['options', 'dsdDirection'], ['options', 'dsdTemperature']],
    },
  },
  temperature: everywhere(1),
  /** The released TransXNet has MVCD commented out, and its temperature is a factor of 2. */
  official: { transxnet: { weights: { mvcd: 0, msfd: 0.5, dsd: 20 }, temperature: 2 } },
  /** The student's disentanglement, gates and fusion (+28 % parameters, 2.5 times the work for PSPNet). */
  staysInNetwork: true,
  networkForms: paperOrCode.flatMap((gateConvolution) => paperOrCode.map((msfdWeighting) => ({ ...everyDefault, gateConvolution, msfdWeighting }))),
  features: 'equal-stages',
  mixesStages: true,
  needsLargerTeacher: true,
  officialBugs: (options, temperature, family) => ({
    ...commonBugs(options, family),
    ...(options.dsdTemperature === 'official' &&
      temperature !== 1 && { dsdTemperature: 'the temperature is applied after the softmax, so it only multiplies the term' }),
  }),
};
