/** SKD. Structured distillation: pair-wise similarities, logits and a discriminator. */
import * as z from 'zod';
import { adversarialTerm, discriminatorBugs, discriminatorField, discriminatorProblem } from './discriminator.ts';
import { commonBugs, everywhere, kdTerm, type MethodEntry, stageOrderField, teacherModeField } from './method.ts';

export const skdOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
  discriminator: discriminatorField,
});

export type SkdOptions = Readonly<z.output<typeof skdOptions>>;

const everyDefault: SkdOptions = { teacherMode: 'default', stageOrder: 'default', discriminator: 'default' };

export const skd: MethodEntry<SkdOptions> = {
  title: 'SKD',
  description: 'Structured distillation: pair-wise similarities, logits and a discriminator.',
  source: 'Liu et al., 2019',
  options: skdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official', discriminator: 'official' } },
  terms: {
    kd: kdTerm,
    pair: { description: 'Similarities between the positions of a pooled feature.', weights: everywhere(1), settings: [['options', 'stageOrder']] },
    adversarial: adversarialTerm,
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'any-channels',
  needsLargerTeacher: false,
  sizeProblem: ({ teacherMap }, options) => discriminatorProblem(teacherMap, options),
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family),
    ...discriminatorBugs(options),
  }),
};
