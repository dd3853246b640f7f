/** ISAANet as in the official code: a lightweight network that the paper compares with. */
import * as z from 'zod';
import { scaledChannels, widthField, type ModelEntry } from './model.ts';

export const isaanetOptions = z.strictObject({ width: widthField });

export type IsaanetOptions = Readonly<z.output<typeof isaanetOptions>>;

export const isaanet: ModelEntry<IsaanetOptions> = {
  title: 'ISAANet',
  description: 'ISAANet: a MobileNetV3-Large encoder and three pyramids of fusions (strides 2 to 16, 32 channels each), each guided by the one before.',
  options: isaanetOptions,
  defaults: { width: 1 },
  channels: ({ width }) => Array<number>(4).fill(scaledChannels(32, width)),
  teacherMapSide: (pixels) => Math.ceil(pixels / 2),
  /** Sides in pixels. Below 32 the deepest grid would be less than one cell. */
  sides: { minimum: 32, maximum: 2048 },
  smallestTrainingBatch: 2,
  officialRecipe: ({ side }) => ({
    epochs: 60,
    optimizer: { weightDecay: 0, beta1: 0.5 },
    ...(side <= 56 ? { learningRate: 8e-4 } : { learningRate: 1e-3, schedule: { step: { every: 30, factor: 0.5 } } }),
  }),
  family: 'pspnet',
};
