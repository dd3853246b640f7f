/** What the methods with a discriminator share. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { Resolution } from '../experiment.ts';
import type { Term } from './method.ts';

export const discriminatorField = z.enum(['default', 'official', 'none']).meta({
  description:
    'How the discriminator learns. default: Wasserstein loss with gradient penalty, an optimizer of its own. official: gradient penalty and the generator\'s gradient only, the generator judged by the first image of a batch. none: there is no discriminator.',
  default: 'default',
  source: 'official code',
});

interface DiscriminatorOption {
  readonly discriminator: z.output<typeof discriminatorField>;
}

/** What `discriminator: official` reproduces. */
export function discriminatorBugs({ discriminator }: DiscriminatorOption): { readonly discriminator?: string } {
  return discriminator === 'official' ? { discriminator: 'the discriminator learns from the gradient penalty and is trained to raise its score of the student, because its own loss is detached; of a batch the student hears of the first image alone' } : {};
}

export const adversarialTerm: Term = {
  description: "How real the student's finest map looks to the discriminator.",
  weights: { pspnet: 0.001, segformer: 0.0001, transxnet: 0.0001 },
  settings: [['options', 'discriminator']],
};

/** Four halvings and a 4×4 convolution need a map of this side. */
const SMALLEST_MAP = 64;

/** @param map the teacher's finest saliency map */
export function discriminatorProblem({ height, width }: Resolution, { discriminator }: DiscriminatorOption): string | undefined {
  if (discriminator === 'none' || Math.min(height, width) >= SMALLEST_MAP) return undefined;
  return l10n.t("its discriminator needs a saliency map of at least {0} pixels a side, and the teacher's has {1} x {2}; set 'discriminator' to 'none' to go without it", SMALLEST_MAP, height, width);
}
