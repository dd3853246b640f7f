/** SegFormer-b1 as in the official code: a MiT-b1 encoder whose first patches have stride 2, and an all-linear decoder. */
import * as z from 'zod';
import { scaledChannels, widthField, type ModelEntry } from './model.ts';

export const segformerOptions = z.strictObject({
  width: widthField,
  dropPath: z.number().min(0).lt(1).meta({
    description: 'Stochastic depth: the share of images for which the last block is left out in training; it grows from 0 over the blocks.',
    default: 0.1,
    source: 'official code, model/segformer.py',
  }),
});

export type SegformerOptions = Readonly<z.output<typeof segformerOptions>>;

export const segformer: ModelEntry<SegformerOptions> = {
  title: 'SegFormer',
  description: 'SegFormer-b1 with a first stride of 2: four encoder stages (strides 2 to 16), four decoder features of 256 channels at stride 2.',
  options: segformerOptions,
  defaults: { width: 1, dropPath: 0.1 },
  channels: ({ width }) => Array<number>(4).fill(scaledChannels(256, width)),
  teacherMapSide: (pixels) => pixels,
  /** Sides in pixels. Below 16 the first stage has fewer tokens than its attention merges into one. */
  sides: { minimum: 16, maximum: 2048 },
  smallestTrainingBatch: 1,
  officialRecipe: ({ side, method }) => (method === undefined && side >= 448 ? { batchSize: 4 } : {}),
  family: 'segformer',
};
