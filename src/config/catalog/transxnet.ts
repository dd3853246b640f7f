/** TransXNet-tiny as in the official code: a first stride of 2, a feature pyramid with pyramid pooling, and a head over its four maps. */
import * as z from 'zod';
import { scaledChannels, widthField, type ModelEntry } from './model.ts';

export const transxnetOptions = z.strictObject({
  width: widthField,
  positions: z.int().min(16).max(448).meta({
    description: 'The size of image whose learned table of position biases is stored; for other sizes it is resized. 112 fits ImageNet weights.',
    unit: 'pixels',
    default: 112,
    source: 'official code, model/TransXNet.py',
  }),
  head: z.enum(['default', 'official']).meta({
    description: 'Which maps the head reads. default: P1 to P4. official: P2 twice and never P1, as the official code; its checkpoints need it.',
    default: 'default',
    source: 'official code, model/TransXNet.py',
  }),
});

export type TransxnetOptions = Readonly<z.output<typeof transxnetOptions>>;

export const transxnet: ModelEntry<TransxnetOptions> = {
  title: 'TransXNet',
  description: 'TransXNet-tiny with a first stride of 2: four pyramid maps of 256 channels (strides 2 to 16).',
  options: transxnetOptions,
  defaults: { width: 1, positions: 112, head: 'default' },
  channels: ({ width }) => Array<number>(4).fill(scaledChannels(256, width)),
  teacherMapSide: (pixels) => pixels,
  /** Sides in pixels. Below 16 the deepest grid would be less than one cell; attention of the first stage grows with the fourth power. */
  sides: { minimum: 16, maximum: 1024 },
  /** The dynamic kernels' bias normalises over the batch alone. */
  smallestTrainingBatch: 2,
  officialRecipe: ({ side, method }) => ({
    seed: 0,
    ...(method === undefined && side <= 112
      ? { learningRate: 4e-5 }
      : { learningRate: 1e-4, schedule: { step: { every: method === 'scrkd' ? 70 : 50, factor: 0.1 } } }),
  }),
  family: 'transxnet',
};
