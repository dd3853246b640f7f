/** STONet. Octave-frequency features, the finest feature, rows of the saliency map and its overlap. */
import * as z from 'zod';
import { commonBugs, type MethodEntry, oursOrOfficial, stageOrderField, teacherModeField } from './method.ts';

export const stonetOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
  projection: z.enum(oursOrOfficial).meta({
    description: "What of the teacher's side learns. default: nothing, its projections stay as drawn and pass no gradient. official: its projections learn with the student's, so that both may collapse.",
    default: 'default',
    source: 'official code',
  }),
  fourthInput: z.enum(oursOrOfficial).meta({
    description: "What the fourth comparison takes from the student where there is one saliency map. default: its feature. official: the teacher's feature instead.",
    default: 'default',
    source: 'official code',
  }),
});

export type StonetOptions = Readonly<z.output<typeof stonetOptions>>;

const everyDefault: StonetOptions = { teacherMode: 'default', stageOrder: 'default', projection: 'default', fourthInput: 'default' };

export const stonet: MethodEntry<StonetOptions> = {
  title: 'STONet',
  description: 'Octave-frequency features, the finest feature, rows of the saliency map and its overlap.',
  source: 'STONet, as in the official code of SCRKD',
  options: stonetOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official', projection: 'official', fourthInput: 'official' } },
  terms: {
    frequency: { description: 'Hierarchical context loss of octave-convolved features.', weights: { pspnet: 1, segformer: 0.1, transxnet: 0.1 }, settings: [['options', 'projection'], ['options', 'fourthInput']] },
    detail: { description: 'Hierarchical context loss of the finest feature.', weights: { pspnet: 1, segformer: 0.1, transxnet: 0.1 } },
    rows: { description: 'Divergence of the rows of the saliency map.', weights: { pspnet: 1, segformer: 0.1, transxnet: 0.1 } },
    dice: { description: 'Overlap of the saliency maps.', weights: { pspnet: 1, segformer: 0.1, transxnet: 0.1 } },
  },
  staysInNetwork: false,
  features: 'equal-channels',
  mixesStages: true,
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family),
    ...(options.projection === 'official' && { projection: "the teacher's projections learn as well, so that the term can be lowered by collapsing both sides" }),
    ...(options.fourthInput === 'official' && family !== 'pspnet' && { fourthInput: "the teacher's feature stands in for the student's, so that the comparison only trains the projections" }),
  }),
};
