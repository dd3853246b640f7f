/** What the config knows of a model: its options, its sizes, and what a method can compare. */
import * as z from 'zod';

/** What a script of the official code trains a network with, where it differs from AdamW at 2e-5, seed 2025, a constant rate, 100 epochs of batches of 8. */
export interface OfficialRecipe {
  readonly learningRate?: number;
  readonly seed?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  /** The rate is multiplied by `factor` every so many epochs. */
  readonly schedule?: { readonly step: { readonly every: number; readonly factor: number } };
  readonly optimizer?: { readonly weightDecay?: number; readonly beta1?: number };
}

/** Which of a network's scripts is asked for. */
export interface Trained {
  /** The longer side in pixels. */
  readonly side: number;
  /** The method that distils it; absent: none does. */
  readonly method?: string;
}

export interface ModelEntry<Options extends object = object> {
  readonly title: string;
  readonly description: string;
  /** A name means the same in every model that has it. */
  readonly options: z.ZodObject;
  readonly defaults: Options;
  /** Channels of the decoder's features, finest first; for a comparison without a projection they have to be equal. */
  channels(options: Options): readonly number[];
  /** Side of its finest saliency map as a teacher's, for an image of this side; a network of one head has its map compared at the image's size. */
  teacherMapSide(pixels: number): number;
  /** Sides of the input that it takes, in pixels. */
  readonly sides: { readonly minimum: number; readonly maximum: number };
  /** Its batch norms need more than one value. */
  readonly smallestTrainingBatch: number;
  /** Of the preset `official-code`. */
  officialRecipe?(trained: Trained): OfficialRecipe;
  /** The family whose coefficients a method uses (SCRKD, Eq. 1); a network that the official code distils in no other way has PSPNet's. */
  readonly family: 'pspnet' | 'segformer' | 'transxnet';
}

/** A channel count times the width factor: the nearest multiple of 8, at least 8. */
export function scaledChannels(channels: number, width: number): number {
  return Math.max(8, Math.round((channels * width) / 8) * 8);
}

/** For trainings on small machines. */
export const widthField = z.number().gt(0).max(2).meta({ description: 'Factor of every channel count, of the encoder and of the decoder.', default: 1 });
