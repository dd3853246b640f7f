/** PD. Reconstruction of the teacher's image from the student's feature, and distillation of logits. */
import * as z from 'zod';
import * as l10n from '@vscode/l10n';
import { commonBugs, everywhere, kdTerm, type MethodEntry, stageOrderField, teacherModeField } from './method.ts';

export const pdOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
});

export type PdOptions = Readonly<z.output<typeof pdOptions>>;

const everyDefault: PdOptions = { teacherMode: 'default', stageOrder: 'default' };

export const pd: MethodEntry<PdOptions> = {
  title: 'PD',
  description: 'Reconstruction of the teacher\'s image from the student\'s feature, and distillation of logits.',
  source: 'Guo et al., 2023',
  options: pdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official' } },
  terms: {
    isr: { description: 'Distance of the reconstructed image from the image that the teacher sees.', weights: { pspnet: 0.5, segformer: 0.05, transxnet: 0.05 }, settings: [['options', 'stageOrder']] },
    kd: { ...kdTerm, weights: everywhere(0.05) },
  },
  temperature: everywhere(2),
  staysInNetwork: false,
  features: 'any-channels',
  needsLargerTeacher: false,
  sizeProblem: ({ student, teacher }) => {
    const [vertical, horizontal] = [teacher.height / Math.ceil(student.height / 2), teacher.width / Math.ceil(student.width / 2)];
    if (Number.isInteger(vertical) && vertical === horizontal) return undefined;
    return l10n.t("its pixel shuffle needs a teacher's image that is a whole multiple of the student's finest grid");
  },
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
