/** PSPNet as in the official code: a ResNet encoder, pyramid pooling, a five-stage decoder with a head each. */
import { z } from 'zod';

export const pspnetOptions = z.strictObject({
  backbone: z.enum(['resnet50', 'resnet18']).meta({
    description: 'The encoder. The paper uses ResNet-50; ResNet-18 is for small machines.',
    default: 'resnet50',
    source: 'SCRKD, Table II',
  }),
  width: z
    .number()
    .gt(0)
    .max(2)
    .meta({ description: "Factor of every channel count, of the encoder and of the decoder's 256 channels.", default: 1 }),
});

export type PspnetOptions = Readonly<z.output<typeof pspnetOptions>>;

export const pspnet = {
  title: 'PSPNet',
  description: 'PSPNet with a ResNet encoder and five decoder stages (strides 2 to 32, 256 channels each).',
  options: pspnetOptions,
  defaults: { backbone: 'resnet50', width: 1 } satisfies PspnetOptions,
  /** What of the decoder's features has to be equal for a comparison without a projection. */
  features: ({ width }: PspnetOptions) => ({ stages: 5, width }),
  /** Sides in pixels. Below 32 the deepest grid would be less than one cell; the paper uses 56, 112, 224 and 448. */
  sides: { minimum: 32, maximum: 2048 },
  /** The pyramid's 1x1 branch normalises over the batch alone, which needs two images. */
  smallestTrainingBatch: 2,
  /** The family whose coefficients a method uses (SCRKD, Eq. 1). */
  family: 'pspnet',
} as const;
