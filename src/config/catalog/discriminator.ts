/** What the methods with a discriminator share. */
import * as l10n from '@vscode/l10n';
import type { Resolution } from '../experiment.ts';
import type { Term } from './method.ts';

export const adversarialTerm: Term = {
  description: "How real the student's finest map looks to the discriminator.",
  weights: { pspnet: 0.001, segformer: 0.0001, transxnet: 0.0001 },
  settings: [['options', 'discriminator']],
};

/** Four halvings and a 4×4 convolution: the teacher's finest map, at worst half its image, needs this side. */
const SMALLEST_MAP = 64;

export function discriminatorProblem({ height, width }: Resolution): string | undefined {
  if (Math.ceil(Math.min(height, width) / 2) >= SMALLEST_MAP) return undefined;
  return l10n.t("its discriminator needs teacher's images of at least {0} pixels a side; set 'discriminator' to 'none' to go without it", 2 * SMALLEST_MAP - 1);
}
