/** LogitStdKD. Distillation of logits that are standardised over the pixels of an image. */
import * as z from 'zod';
import { commonBugs, everywhere, kdDescription, type MethodEntry, teacherModeField } from './method.ts';

export const logitstdkdOptions = z.strictObject({
  teacherMode: teacherModeField,
});

export type LogitstdkdOptions = Readonly<z.output<typeof logitstdkdOptions>>;

const everyDefault: LogitstdkdOptions = { teacherMode: 'default' };

export const logitstdkd: MethodEntry<LogitstdkdOptions> = {
  title: 'LogitStdKD',
  description: 'Distillation of logits that are standardised over the pixels of an image.',
  source: 'Sun et al., 2024',
  options: logitstdkdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official' } },
  terms: {
    kd: { description: kdDescription, weights: everywhere(1), settings: [['temperature']] },
  },
  temperature: { pspnet: 4, segformer: 2, transxnet: 2 },
  staysInNetwork: false,
  features: 'none',
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
