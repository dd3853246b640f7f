/** CWD. Divergence of every channel of the decoder features, softmax over the pixels. */
import * as z from 'zod';
import { commonBugs, everywhere, type MethodEntry, teacherModeField } from './method.ts';

export const cwdOptions = z.strictObject({
  teacherMode: teacherModeField,
});

export type CwdOptions = Readonly<z.output<typeof cwdOptions>>;

const everyDefault: CwdOptions = { teacherMode: 'default' };

export const cwd: MethodEntry<CwdOptions> = {
  title: 'CWD',
  description: 'Divergence of every channel of the decoder features, softmax over the pixels.',
  source: 'Shu et al., 2021',
  options: cwdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    channel: { description: 'Channel-wise divergence of the decoder features.', weights: everywhere(1), settings: [['temperature']] },
  },
  temperature: everywhere(1),
  staysInNetwork: false,
  features: 'equal-channels',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
