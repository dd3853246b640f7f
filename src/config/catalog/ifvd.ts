/** IFVD. Intra-class feature variation, logits and a discriminator. */
import * as z from 'zod';
import { adversarialTerm, discriminatorBugs, discriminatorField, discriminatorProblem } from './discriminator.ts';
import { commonBugs, everywhere, kdTerm, type MethodEntry, oursOrOfficial, stageOrderField, teacherModeField } from './method.ts';

export const ifvdOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
  discriminator: discriminatorField,
  classes: z.enum(oursOrOfficial).meta({
    description: 'Whose variation is compared. default: object and background, of a mask cut at one half. official: only pixels of the background that are exactly 0.',
    default: 'default',
    source: 'official code',
  }),
});

export type IfvdOptions = Readonly<z.output<typeof ifvdOptions>>;

const everyDefault: IfvdOptions = { teacherMode: 'default', stageOrder: 'default', discriminator: 'default', classes: 'default' };

export const ifvd: MethodEntry<IfvdOptions> = {
  title: 'IFVD',
  description: 'Intra-class feature variation, logits and a discriminator.',
  source: 'Wang et al., 2020',
  options: ifvdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official', discriminator: 'official', classes: 'official' } },
  terms: {
    kd: { ...kdTerm, weights: { pspnet: 0.1, segformer: 0.1, transxnet: 0.05 } },
    variation: { description: 'Cosines of features with the centre of their class.', weights: { pspnet: 200, segformer: 100, transxnet: 50 }, settings: [['options', 'stageOrder'], ['options', 'classes']] },
    adversarial: { ...adversarialTerm, weights: { pspnet: 0.001, segformer: 0.0001, transxnet: 5e-05 } },
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'any-channels',
  needsLargerTeacher: false,
  sizeProblem: ({ teacherMap }, options) => discriminatorProblem(teacherMap, options),
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family),
    ...discriminatorBugs(options),
    ...(options.classes === 'official' && { classes: 'only the background is compared, because the loop over classes ends after the first' }),
  }),
};
