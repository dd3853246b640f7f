import { optionsText } from '../config/catalog/models.ts';
import { contactSheet, errorMap, type SheetRow } from '../data/contact-sheet.ts';
import { decodeImage, decodeMask } from '../data/decode.ts';
import type { Raster } from '../data/raster.ts';
import { resize } from '../data/resize.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { MetricsEntry } from '../protocol/metrics-file.ts';
import { readManifest, readMetrics } from '../runs/read-run.ts';
import { createNetwork } from '../distillation/network.ts';
import { elementCount } from '../nn/parameters.ts';
import type { LaunchResult } from './launch.ts';
import { networkOf } from './network.ts';

/** One line of the table that ends a launch. */
export interface ArmResult {
  readonly stage: string;
  readonly network: string;
  readonly resolution: string;
  /** The stage it learnt from; empty for a plain one. */
  readonly teacher: string;
  /** Parameters of the network that is deployed. */
  readonly parameters: number;
  readonly run: string;
  readonly entries: readonly MetricsEntry[];
}

/** The results of a launch's runs, in the order of training. */
export function resultsOf({ runs }: LaunchResult): ArmResult[] {
  return runs.map(({ stage, run }) => {
    const { parameters } = createNetwork(networkOf(stage));
    const deployed = parameters.filter((spec) => spec.kind === 'trainable' && spec.trainingOnly !== true);
    return {
      stage: stage.name,
      network: `${stage.model.name} ${optionsText(stage.model)}`.trim(),
      resolution: `${stage.resolution.height}×${stage.resolution.width}`,
      teacher: stage.distill?.from ?? '',
      parameters: deployed.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      run: readManifest(run).id,
      entries: readMetrics(run).entries,
    };
  });
}

/**
 * Image, mask, and every arm's saliency map with its errors, for a few samples spread over the evaluated split: PNG bytes.
 * Arms stand from the smallest input to the largest, undistilled ones first.
 */
export async function resultSheet(result: LaunchResult, rows: number): Promise<Uint8Array | undefined> {
  const samples = evaluatedSamples(result.dataset);
  if (samples.length === 0 || result.runs.length === 0) return undefined;
  const arms = [...result.runs].sort((a, b) => area(a.stage.resolution) - area(b.stage.resolution) || Number(a.stage.distill !== undefined) - Number(b.stage.distill !== undefined));
  const count = Math.min(rows, samples.length);
  const sheetRows: SheetRow[] = [];
  for (let i = 0; i < count; i++) {
    const sample = samples[Math.floor((i * samples.length) / count)]!;
    const mask = await decodeMask(sample.mask);
    const cells: (Raster | undefined)[] = [await decodeImage(sample.image), mask];
    for (const { run } of arms) {
      const map = await decodeMask(run.prediction('raw', sample.id)).catch(() => undefined);
      cells.push(map, map === undefined ? undefined : errorMap(resize(map, mask, 'bilinear'), mask));
    }
    sheetRows.push({ label: sample.id, cells });
  }
  const columns = ['image', 'mask', ...arms.flatMap(({ stage }) => [`${stage.name} ${stage.resolution.height}`, 'errors'])];
  return contactSheet({ columns, rows: sheetRows });
}

function evaluatedSamples({ splits }: Dataset): Dataset['splits']['test'] {
  return splits.test.length > 0 ? splits.test : splits.validation;
}

function area({ height, width }: { height: number; width: number }): number {
  return height * width;
}
