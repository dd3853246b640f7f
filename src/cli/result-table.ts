import * as l10n from '@vscode/l10n';
import type { ArmResult } from '../training/report.ts';
import { textTable } from './table.ts';

/** The measures of the published tables, in their order. */
const measures = ['mae', 'maxF', 's'] as const;

/** A table of a launch's arms, one block of measures for each protocol. */
export function resultTable(arms: readonly ArmResult[]): string {
  const protocols = [...new Set(arms.flatMap(({ entries }) => entries.map(({ protocol }) => protocol)))];
  const heading = [l10n.t('stage'), l10n.t('network'), l10n.t('input'), l10n.t('teacher'), l10n.t('parameters'), ...protocols.flatMap((protocol) => measures.map((measure) => `${protocol} ${measure}`))];
  const rows = arms.map((arm) => [
    arm.stage,
    arm.network,
    arm.resolution,
    arm.teacher === '' ? '–' : arm.teacher,
    `${(arm.parameters / 1e6).toFixed(2)} M`,
    ...protocols.flatMap((protocol) => {
      const entry = arm.entries.find((candidate) => candidate.protocol === protocol);
      return measures.map((measure) => entry?.metrics[measure]?.toFixed(4) ?? '–');
    }),
  ]);
  const [first] = arms.flatMap(({ entries }) => entries);
  const note = first === undefined ? l10n.t('Nothing was evaluated: the dataset has no test and no validation split.') : l10n.t('{0} images of the {1} split.', first.images, first.split);
  return `${textTable(heading, rows)}\n${note}`;
}
