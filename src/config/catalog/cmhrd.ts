/** CMHRD. Enlarged features, affinities between positions, and distillation of logits. */
import * as z from 'zod';
import * as l10n from '@vscode/l10n';
import { commonBugs, everywhere, kdTerm, type MethodEntry, stageOrderField, teacherModeField } from './method.ts';

export const cmhrdOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
});

export type CmhrdOptions = Readonly<z.output<typeof cmhrdOptions>>;

const everyDefault: CmhrdOptions = { teacherMode: 'default', stageOrder: 'default' };

export const cmhrd: MethodEntry<CmhrdOptions> = {
  title: 'CMHRD',
  description: 'Enlarged features, affinities between positions, and distillation of logits.',
  source: 'CMHRD, as in the official code of SCRKD',
  options: cmhrdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official' } },
  terms: {
    srg: { description: 'Distance of bicubically enlarged features.', weights: { pspnet: 0.5, segformer: 0.1, transxnet: 0.1 } },
    cma: { description: 'Affinities between the positions of three stages.', weights: { pspnet: 0.01, segformer: 0.02, transxnet: 0.02 }, settings: [['options', 'stageOrder']] },
    kd: kdTerm,
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'equal-channels',
  mixesStages: true,
  needsLargerTeacher: false,
  sizeProblem: ({ student, teacher }) => {
    const gap = Math.log2(teacher.height / student.height);
    if (Number.isInteger(gap) && gap >= 0 && gap <= 3 && teacher.height / student.height === teacher.width / student.width) return undefined;
    return l10n.t('its affinities need a teacher of 1, 2, 4 or 8 times the resolution');
  },
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
