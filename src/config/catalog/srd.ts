/** SRD. Logarithm of the feature distance, and distillation of logits. */
import * as z from 'zod';
import { commonBugs, everywhere, kdTerm, type MethodEntry, teacherModeField } from './method.ts';

export const srdOptions = z.strictObject({
  teacherMode: teacherModeField,
  projector: z.enum(['default', 'original']).meta({
    description: 'How features are compared. default: as they are, exponent 1, as the official code. original: a linear projector on the student, batch norm on both, exponent 4.',
    default: 'default',
    source: 'Miles and Mikolajczyk, 2024',
  }),
});

export type SrdOptions = Readonly<z.output<typeof srdOptions>>;

const everyDefault: SrdOptions = { teacherMode: 'default', projector: 'default' };

export const srd: MethodEntry<SrdOptions> = {
  title: 'SRD',
  description: 'Logarithm of the feature distance, and distillation of logits.',
  source: 'Miles and Mikolajczyk, 2024',
  options: srdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    feature: { description: 'Logarithm of the summed distance of the decoder features.', weights: everywhere(0.005), settings: [['options', 'projector']] },
    kd: kdTerm,
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'equal-channels',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
