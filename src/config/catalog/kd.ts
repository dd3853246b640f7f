/** KD. Plain distillation of logits, softmax over the pixels of every saliency map. */
import * as z from 'zod';
import { commonBugs, everywhere, kdTerm, type MethodEntry, teacherModeField } from './method.ts';

export const kdOptions = z.strictObject({
  teacherMode: teacherModeField,
  temperatureFactor: z.enum(['default', 'original']).meta({
    description: 'Whether the term is multiplied by the squared temperature. default: no, as in the official code. original: yes, as in the method\'s paper.',
    default: 'default',
    source: 'Hinton et al., 2015',
  }),
});

export type KdOptions = Readonly<z.output<typeof kdOptions>>;

const everyDefault: KdOptions = { teacherMode: 'default', temperatureFactor: 'default' };

export const kd: MethodEntry<KdOptions> = {
  title: 'KD',
  description: 'Plain distillation of logits, softmax over the pixels of every saliency map.',
  source: 'Hinton et al., 2015',
  options: kdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    kd: kdTerm,
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'none',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
