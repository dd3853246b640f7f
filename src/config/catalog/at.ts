/** AT. Squared error of the normalised attention maps of all decoder features. */
import * as z from 'zod';
import { commonBugs, type MethodEntry, teacherModeField } from './method.ts';

export const atOptions = z.strictObject({
  teacherMode: teacherModeField,
});

export type AtOptions = Readonly<z.output<typeof atOptions>>;

const everyDefault: AtOptions = { teacherMode: 'default' };

export const at: MethodEntry<AtOptions> = {
  title: 'AT',
  description: 'Squared error of the normalised attention maps of all decoder features.',
  source: 'Zagoruyko and Komodakis, 2017',
  options: atOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    attention: { description: 'Squared error of normalised spatial attention maps.', weights: { pspnet: 100, segformer: 500, transxnet: 500 } },
  },
  staysInNetwork: false,
  features: 'any-channels',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
