/** Which samples distillation helped or hurt: the final predictions of both students, by the rules of `scrkd448`. */
import { existsSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import type { Experiment } from '../config/experiment.ts';
import { decodeMask } from '../data/decode.ts';
import { resize } from '../data/resize.ts';
import { listDataset } from '../dataset/open.ts';
import { createEvaluator } from '../metrics/evaluator.ts';
import type { InspectedNetwork, SampleScores } from '../protocol/inspector.ts';
import { openRunFolder, readManifest } from '../runs/read-run.ts';
import { InspectorError } from './errors.ts';

const form = 'scrkd448';

/** @throws InspectorError `no-predictions`; DatasetError; DataError */
export async function scoresOfPredictions(networks: readonly InspectedNetwork[]): Promise<SampleScores[]> {
  const [plain, distilled] = (['plain', 'distilled'] as const).map((role) => networks.find((network) => network.role === role));
  if (plain === undefined || distilled === undefined) throw new InspectorError('no-predictions', l10n.t('There is no plain student to compare with.'));
  const [plainFolder, distilledFolder] = [openRunFolder(plain.folder), openRunFolder(distilled.folder)];
  const manifest = readManifest(distilledFolder);
  const config = (manifest.config['experiment'] as Experiment).dataset;
  const { test, validation } = await listDataset({ ...config, root: manifest.dataset.root });
  const scores: SampleScores[] = [];
  for (const sample of test.length > 0 ? test : validation) {
    const paths = [plainFolder.prediction(form, sample.id), distilledFolder.prediction(form, sample.id)] as const;
    if (!paths.every((path) => existsSync(path))) continue;
    const mask = await decodeMask(sample.mask);
    const of = async (path: string): Promise<SampleScores['plain']> => {
      const map = await decodeMask(path);
      const { mae, maxF, s } = createEvaluator(form).add(map.data, resize(mask, map, 'bilinear').data, map.height, map.width);
      return { mae, maxF, s };
    };
    scores.push({ sample: sample.id, plain: await of(paths[0]), distilled: await of(paths[1]) });
  }
  if (scores.length === 0) throw new InspectorError('no-predictions', l10n.t('The ranking comes with the final evaluation of both students.'));
  return scores;
}
