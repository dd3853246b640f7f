/** SOLNet as in the official code: a lightweight network that the paper compares with. */
import * as z from 'zod';
import { scaledChannels, widthField, type ModelEntry } from './model.ts';

export const solnetOptions = z.strictObject({ width: widthField });

export type SolnetOptions = Readonly<z.output<typeof solnetOptions>>;

export const solnet: ModelEntry<SolnetOptions> = {
  title: 'SOLNet',
  description: 'SOLNet: a RepVGG encoder with two attentions on its deepest map, and a decoder with heads at strides 1 to 8. Trained from scratch in the original.',
  options: solnetOptions,
  defaults: { width: 1 },
  channels: ({ width }) => [32, 32, 48, 96].map((channels) => scaledChannels(channels, width)),
  teacherMapSide: (pixels) => 16 * Math.ceil(pixels / 16),
  sides: { minimum: 32, maximum: 2048 },
  smallestTrainingBatch: 1,
  officialRecipe: () => ({ learningRate: 4e-4, epochs: 120, batchSize: 32, optimizer: { weightDecay: 0 }, schedule: { step: { every: 80, factor: 0.1 } } }),
  family: 'pspnet',
};
