/** What the methods with a discriminator share. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { Resolution } from '../experiment.ts';
import type { Term } from './method.ts';

export const discriminatorField = z.enum(['default', 'official', 'none']).meta({
  description:
    'How the discriminator learns. default: Wasserstein loss with gradient penalty, an optimizer of its own. official: gradient penalty and the generator\'s gradient only. none: there is no discriminator.',
  default: 'default',
  source: 'official code',
});

interface DiscriminatorOption {
  readonly discriminator: z.output<typeof discriminatorField>;
}

/** What `discriminator: official` reproduces. */
export function discriminatorBugs({ discriminator }: DiscriminatorOption): { readonly discriminator?: string } {
  return discriminator === 'official' ? { discriminator: 'the discriminator learns from the gradient penalty and is trained to raise its score of the student, because its own loss is detached' } : {};
}

export const adversarialTerm: Term = {
  description: "How real the student's finest map looks to the discriminator.",
  weights: { pspnet: 0.001, segformer: 0.0001, transxnet: 0.0001 },
  settings: [['options', 'discriminator']],
};

/** Four halvings and a 4×4 convolution: the teacher's finest map, at worst half its image, needs this side. */
const SMALLEST_MAP = 64;

export function discriminatorProblem({ height, width }: Resolution, { discriminator }: DiscriminatorOption): string | undefined {
  if (discriminator === 'none' || Math.ceil(Math.min(height, width) / 2) >= SMALLEST_MAP) return undefined;
  return l10n.t("its discriminator needs teacher's images of at least {0} pixels a side; set 'discriminator' to 'none' to go without it", 2 * SMALLEST_MAP - 1);
}
