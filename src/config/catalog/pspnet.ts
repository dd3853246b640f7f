/** PSPNet as in the official code: a ResNet encoder, pyramid pooling, a five-stage decoder with a head each. */
import * as z from 'zod';
import { scaledChannels, widthField, type ModelEntry } from './model.ts';

export const pspnetOptions = z.strictObject({
  backbone: z.enum(['resnet50', 'resnet18']).meta({
    description: 'The encoder. The paper uses ResNet-50; ResNet-18 is for small machines.',
    default: 'resnet50',
    source: 'SCRKD, Table II',
  }),
  width: widthField,
});

export type PspnetOptions = Readonly<z.output<typeof pspnetOptions>>;

export const pspnet: ModelEntry<PspnetOptions> = {
  title: 'PSPNet',
  description: 'PSPNet with a ResNet encoder and five decoder stages (strides 2 to 32, 256 channels each).',
  options: pspnetOptions,
  defaults: { backbone: 'resnet50', width: 1 },
  channels: ({ width }) => Array<number>(5).fill(scaledChannels(256, width)),
  teacherMapSide: (pixels) => Math.ceil(pixels / 2),
  /** Sides in pixels. Below 32 the deepest grid would be less than one cell; the paper uses 56, 112, 224 and 448. */
  sides: { minimum: 32, maximum: 2048 },
  /** The pyramid's 1x1 branch normalises over the batch alone, which needs two images. */
  smallestTrainingBatch: 2,
  officialRecipe: ({ side, method }) => ({
    // The scripts of the plain network at 56 and 112 pixels use half the rate of every distilled student.
    ...(method === undefined && side <= 112 && { learningRate: 1e-5 }),
    // The scripts of students of 56 pixels set another seed.
    ...(method !== undefined && side <= 56 && { seed: 0 }),
  }),
  family: 'pspnet',
};
