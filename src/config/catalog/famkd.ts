/** FAMKD. Frequency attention over reviewed stages, in a practical form of ours: one complex weight a channel and frequency, grids of at most 14 x 14. */
import * as z from 'zod';
import { commonBugs, everywhere, type MethodEntry, teacherModeField } from './method.ts';

export const famkdOptions = z.strictObject({
  teacherMode: teacherModeField,
});

export type FamkdOptions = Readonly<z.output<typeof famkdOptions>>;

const everyDefault: FamkdOptions = { teacherMode: 'default' };

export const famkd: MethodEntry<FamkdOptions> = {
  title: 'FAMKD',
  description: 'Frequency attention over reviewed stages, in a practical form of ours: one complex weight a channel and frequency, grids of at most 14 x 14.',
  source: 'Pham et al., 2024; practical form of this program',
  options: famkdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    frequency: { description: 'Squared error of features after frequency attention.', weights: everywhere(1) },
  },
  staysInNetwork: false,
  features: 'equal-channels',
  mixesStages: true,
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
