/** FitNet. Squared error of all decoder features, without a regressor. */
import * as z from 'zod';
import { commonBugs, type MethodEntry, teacherModeField } from './method.ts';

export const fitnetOptions = z.strictObject({
  teacherMode: teacherModeField,
});

export type FitnetOptions = Readonly<z.output<typeof fitnetOptions>>;

const everyDefault: FitnetOptions = { teacherMode: 'default' };

export const fitnet: MethodEntry<FitnetOptions> = {
  title: 'FitNet',
  description: 'Squared error of all decoder features, without a regressor.',
  source: 'Romero et al., 2015',
  options: fitnetOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    hint: { description: 'Squared error of the decoder features.', weights: { pspnet: 1, segformer: 1, transxnet: 0.25 } },
  },
  staysInNetwork: false,
  features: 'equal-channels',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
