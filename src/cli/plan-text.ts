import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import { describe } from '../engine/describe.ts';
import { networkOf } from '../training/network.ts';
import type { Plan, StageAction } from '../training/plan.ts';
import { definePrediction, defineTrainingStep } from '../training/step.ts';
import { textTable } from './table.ts';

/** What a launch would do, with the size and cost of each stage; nothing is run. */
export function planText({ dataset, stages }: Plan, json: boolean): string {
  const described = stages.map(({ stage, key, action }) => {
    const network = networkOf(stage);
    const teacher = stage.distill === undefined ? undefined : stages.find((other) => other.stage.name === stage.distill?.from)?.stage;
    const prediction = definePrediction(network, 1);
    const inference = describe(prediction.step, prediction.inputs(), { isParameter: (name) => name.startsWith('parameter/') });
    const training = defineTrainingStep({
      student: network,
      ...(stage.distill === undefined || teacher === undefined ? {} : { teacher: networkOf(teacher), method: { name: stage.distill.method, options: stage.distill.options } }),
      batchSize: stage.training.batchSize,
      optimizer: stage.training.optimizer,
    });
    const step = describe(training.step, training.inputs());
    return { stage, key, action, inference, step };
  });
  const counts = Object.fromEntries(Object.entries(dataset.splits).map(([split, samples]) => [split, samples.length]));
  if (json) {
    return JSON.stringify({
      dataset: { root: dataset.root, counts, fingerprint: dataset.fingerprint },
      stages: described.map(({ stage, key, action, inference, step }) => ({ stage: stage.name, stageKey: key, action: action.kind, inference, step })),
    });
  }
  const rows = described.map(({ stage, action, inference, step }) => [
    stage.name,
    `${stage.resolution.height}×${stage.resolution.width}`,
    stage.distill?.from ?? '–',
    actionText(action),
    `${(inference.parameters / 1e6).toFixed(2)} M`,
    `${(inference.multiplyAccumulates / 1e9).toFixed(2)} G`,
    `${(step.multiplyAccumulates / 1e9).toFixed(0)} G`,
    `${(step.peakBytes / 2 ** 30).toFixed(2)} G`,
    String(Math.floor(dataset.splits.train.length / stage.training.batchSize) * stage.training.epochs),
  ]);
  const heading = [l10n.t('stage'), l10n.t('input'), l10n.t('teacher'), l10n.t('action'), l10n.t('parameters'), l10n.t('MACs/image'), l10n.t('MACs/step'), l10n.t('memory (est.)'), l10n.t('steps')];
  return `${l10n.t('{0}: {1} train, {2} validation, {3} test images', dataset.root, counts['train'] ?? 0, counts['validation'] ?? 0, counts['test'] ?? 0)}\n\n${textTable(heading, rows)}`;
}

function actionText(action: StageAction): string {
  switch (action.kind) {
    case 'train':
      return l10n.t('train');
    case 'resume':
      return l10n.t('continue {0}', action.run.name);
    case 'reuse':
      return l10n.t('reuse {0}', action.run.name);
    case 'given':
      return l10n.t('given');
    default:
      return unreachable(action);
  }
}
