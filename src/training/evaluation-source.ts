/** What can be evaluated: a run, a file of weights, or a folder of saliency maps that anybody made. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { sha256OfFile } from '../base/sha256.ts';
import type { Experiment, ProtocolName, Resolution, Stage } from '../config/experiment.ts';
import type { Dataset, Split } from '../dataset/dataset.ts';
import { masksIn, pairMaps } from '../dataset/map-folder.ts';
import { openDataset } from '../dataset/open.ts';
import type { Engine } from '../engine/engine.ts';
import { openCheckpoint } from '../runs/checkpoints.ts';
import { openRunFolder, readManifest } from '../runs/read-run.ts';
import { TrainingError } from './errors.ts';
import { evaluateForReport, evaluateMaps, type EvaluationObserver, type EvaluationResult } from './evaluation.ts';
import { selectedCheckpoint } from './final-evaluation.ts';
import { networkOf } from './network.ts';
import { identityText, loadNetwork, readNetworkWeights, type LoadedNetwork } from './network-weights.ts';
import { openDatasetOf } from './plan.ts';
import { Predictor } from './predictor.ts';
import { definePrediction } from './step.ts';

export interface EvaluationRequest {
  readonly protocols: readonly ProtocolName[];
  /** Of a dataset; without it the test split, or the validation split where there is no test split. */
  readonly split?: Split;
  /** A dataset's folder; a run has its own. */
  readonly dataset?: string;
  /** A folder of masks, for a folder of saliency maps. */
  readonly masks?: string;
  /** Of a run: another checkpoint than the one that its selection rule chose. */
  readonly checkpoint?: string;
  /** Of the images of weights that do not say it. */
  readonly resolution?: Resolution;
  /** Whether masks without a saliency map are left out instead of refused. */
  readonly skipMissing: boolean;
  readonly engine: () => Promise<Engine>;
  /** Told what is out of the ordinary with a source that can be evaluated all the same. */
  readonly warn: (message: string) => void;
}

export interface EvaluatedSource extends EvaluationResult {
  readonly kind: 'run' | 'weights' | 'maps';
  /** As the caller named it. */
  readonly source: string;
  /** For tables: experiment/stage of a run, else the file's or folder's own name. */
  readonly name: string;
  /** Of a network: what it is, and the file of weights. */
  readonly network?: { readonly is: string; readonly height: number; readonly width: number; readonly file: string; readonly sha256: string; readonly checkpoint?: string; readonly epoch?: number };
  readonly against: { readonly folder: string; readonly split?: Split; readonly fingerprint?: string };
  /** Masks without a saliency map, and maps that were resized to their masks. */
  readonly missing: readonly string[];
  readonly resized: readonly string[];
}

/** @param onImages called with the number of images, before the first one is evaluated */
export type SourceObserver = EvaluationObserver & { readonly onImages?: (count: number) => void };

/**
 * Evaluates one source; nothing is written into a run's folder, which is its trainer's alone.
 * @throws TrainingError `no-source`, `no-reference`, `no-maps`, `checkpoint-mismatch`, `resolution-unknown`; DatasetError; RunsError; FormatError
 */
export async function evaluateSource(source: string, request: EvaluationRequest, observer: SourceObserver = {}): Promise<EvaluatedSource> {
  if (!existsSync(source)) throw new TrainingError('no-source', l10n.t('{0}: does not exist; expected a run, a file of weights, or a folder of saliency maps.', source));
  if (statSync(source).isFile()) return evaluateFile(source, request, observer);
  return existsSync(`${source}/run.json`) ? evaluateRunFolder(source, request, observer) : evaluateFolder(source, request, observer);
}

async function evaluateRunFolder(source: string, request: EvaluationRequest, observer: SourceObserver): Promise<EvaluatedSource> {
  const folder = openRunFolder(source);
  const manifest = readManifest(folder);
  const { experiment } = manifest.config as unknown as { experiment: Experiment };
  const stage = experiment.stages.find(({ name }) => name === manifest.stage)!;
  const dataset = request.dataset === undefined ? await openDatasetOf(experiment) : await openDataset({ root: request.dataset });
  if (request.dataset === undefined && dataset.fingerprint !== manifest.dataset.fingerprint) request.warn(l10n.t('{0}: its dataset {1} has changed since it was trained.', source, dataset.root));
  const checkpoint = await openCheckpoint(folder, request.checkpoint ?? selectedCheckpoint(stage));
  try {
    const loaded = { network: networkOf(stage), weights: await readNetworkWeights(checkpoint.tensors, definePrediction(networkOf(stage), 1).parameters) };
    const about = { file: checkpoint.path, checkpoint: checkpoint.name, epoch: checkpoint.info.epoch };
    return await evaluateNetwork({ kind: 'run', source, name: runName(manifest.experiment, stage) }, loaded, about, dataset, request, observer);
  } finally {
    await checkpoint.tensors.close();
  }
}

function runName(experiment: string, { name }: Stage): string {
  return `${experiment}/${name}`;
}

async function evaluateFile(source: string, request: EvaluationRequest, observer: SourceObserver): Promise<EvaluatedSource> {
  if (request.dataset === undefined) throw new TrainingError('no-reference', l10n.t('{0}: name the dataset that it is evaluated on, with --dataset.', source));
  const loaded = await loadNetwork(source, request.resolution);
  const dataset = await openDataset({ root: request.dataset });
  return evaluateNetwork({ kind: 'weights', source, name: basename(source) }, loaded, { file: source }, dataset, request, observer);
}

async function evaluateNetwork(
  what: Pick<EvaluatedSource, 'kind' | 'source' | 'name'>,
  { network, weights }: LoadedNetwork,
  about: { readonly file: string; readonly checkpoint?: string; readonly epoch?: number },
  dataset: Dataset,
  request: EvaluationRequest,
  observer: SourceObserver,
): Promise<EvaluatedSource> {
  const split = splitOf(dataset, request.split);
  const samples = dataset.splits[split];
  observer.onImages?.(samples.length);
  await using predictor = await Predictor.create(await request.engine(), network, 1, samples.length);
  await predictor.load(weights);
  const result = await evaluateForReport(predictor, samples, request.protocols, observer);
  const { height, width } = network;
  return {
    ...what,
    ...result,
    network: { is: identityText(network), height, width, sha256: await sha256OfFile(about.file), ...about },
    against: { folder: dataset.root, split, fingerprint: dataset.fingerprint },
    missing: [],
    resized: [],
  };
}

function splitOf({ root, splits }: Dataset, wanted: Split | undefined): Split {
  const split = wanted ?? (splits.test.length > 0 ? 'test' : 'validation');
  if (splits[split].length === 0) throw new TrainingError('no-reference', l10n.t('{0}: its {1} split has no sample.', root, split));
  return split;
}

async function evaluateFolder(source: string, request: EvaluationRequest, observer: SourceObserver): Promise<EvaluatedSource> {
  const { wanted, against } = await masksFor(source, request);
  const { pairs, missing, unused } = await pairMaps(source, wanted);
  if (pairs.length === 0) throw new TrainingError('no-maps', l10n.t('{0}: holds no saliency map of the {1} masks in {2}; a map has the name of its mask, e.g. {3}.png.', source, wanted.length, against.folder, wanted[0]?.id ?? 'NAME'));
  if (missing.length > 0 && !request.skipMissing) throw new TrainingError('no-maps', l10n.t('{0}: {1} of {2} masks have no saliency map, e.g. {3}; --skip-missing evaluates the others.', source, missing.length, wanted.length, missing.slice(0, 3).join(', ')));
  if (unused.length > 0) request.warn(l10n.t('{0}: {1} files belong to no mask, e.g. {2}.', source, unused.length, unused.slice(0, 3).join(', ')));
  observer.onImages?.(pairs.length);
  return { kind: 'maps', source, name: basename(source), ...(await evaluateMaps(pairs, request.protocols, observer)), against, missing };
}

async function masksFor(source: string, { masks, dataset: root, split: wantedSplit }: EvaluationRequest): Promise<{ wanted: Awaited<ReturnType<typeof masksIn>>; against: EvaluatedSource['against'] }> {
  if (masks !== undefined) return { wanted: await masksIn(masks), against: { folder: masks } };
  if (root === undefined) throw new TrainingError('no-reference', l10n.t('{0}: name the masks that it is compared with, by --masks FOLDER or --dataset FOLDER.', source));
  const dataset = await openDataset({ root });
  const split = splitOf(dataset, wantedSplit);
  return { wanted: dataset.splits[split].map(({ id, mask }) => ({ id, mask })), against: { folder: dataset.root, split, fingerprint: dataset.fingerprint } };
}
