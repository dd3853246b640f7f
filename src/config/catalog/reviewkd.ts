/** ReviewKD. Review of coarse stages at finer ones by attention-based fusion, with a hierarchical context loss. */
import * as z from 'zod';
import { commonBugs, everywhere, type MethodEntry, stageOrderField, teacherModeField } from './method.ts';

export const reviewkdOptions = z.strictObject({
  teacherMode: teacherModeField,
  stageOrder: stageOrderField,
});

export type ReviewkdOptions = Readonly<z.output<typeof reviewkdOptions>>;

const everyDefault: ReviewkdOptions = { teacherMode: 'default', stageOrder: 'default' };

export const reviewkd: MethodEntry<ReviewkdOptions> = {
  title: 'ReviewKD',
  description: 'Review of coarse stages at finer ones by attention-based fusion, with a hierarchical context loss.',
  source: 'Chen et al., 2021',
  options: reviewkdOptions,
  presets: { default: everyDefault, paper: everyDefault, 'official-code': { ...everyDefault, teacherMode: 'official', stageOrder: 'official' } },
  terms: {
    review: { description: 'Hierarchical context loss of the reviewed features.', weights: everywhere(1) },
  },
  staysInNetwork: false,
  features: 'equal-channels',
  mixesStages: true,
  needsLargerTeacher: false,
  officialBugs: (options, _, family) => ({ ...commonBugs(options, family) }),
};
