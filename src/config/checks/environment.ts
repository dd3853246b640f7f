/** What the disk and the machine say about a config; each check needs its provider. */
import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import type { FolderItem } from '../../base/list-folder.ts';
import { models, type ModelChoice } from '../catalog/models.ts';
import { stageToDescribe } from '../description.ts';
import { trainingImages } from '../dataset-split.ts';
import type { Remedy } from '../diagnostic.ts';
import type { Experiment, Stage } from '../experiment.ts';
import type { CheckpointSummary, Providers } from '../providers.ts';
import type { Path } from '../report.ts';
import { keyAt, nodeAt, placeAt } from '../tree.ts';
import { bytesText } from '../number-text.ts';
import { nearest } from '../names.ts';
import { canonical } from '../recipe.ts';
import type { CheckContext } from './context.ts';
import { sizeText } from './networks.ts';
import { recipePlace } from './training.ts';

/** A provider that fails is reported at the field it was asked about, as what is wrong with that field. */
export async function checkEnvironment(context: CheckContext, experiment: Experiment, providers: Providers): Promise<void> {
  await Promise.all([
    guarded(context, 'dataset-problem', ['dataset', 'root'], () => checkDataset(context, experiment, providers)),
    guarded(context, 'device-missing', ['device'], () => checkDevice(context, experiment, providers)),
    ...experiment.stages.map((stage) => checkFiles(context, stage, providers)),
    checkMemory(context, experiment, providers),
    checkOutput(context, experiment, providers),
  ]);
}

async function guarded(context: CheckContext, code: 'dataset-problem' | 'device-missing' | 'file-missing', path: Path, check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
  } catch (error) {
    context.report.add(code, placeAt(context.tree, path), path, l10n.t('{0}: {1}', path.join('.'), messageOf(error)));
  }
}

async function checkDataset(context: CheckContext, experiment: Experiment, providers: Providers): Promise<void> {
  const { tree, report } = context;
  const { dataset } = experiment;
  const path = ['dataset', 'root'];
  const place = placeAt(tree, path);
  const isThere = (await providers.exists?.(dataset.root)) ?? true;
  const summary = isThere ? await providers.datasetSummary?.(dataset.root, dataset.lists) : undefined;
  if (!isThere || (providers.datasetSummary !== undefined && summary === undefined)) {
    const meant = await nearestPath(context, path, dataset.root, 'folder', providers);
    const message = meant === undefined ? l10n.t("There is no folder '{0}'.", dataset.root) : l10n.t("There is no folder '{0}'; did you mean '{1}'?", dataset.root, meant);
    report.add('dataset-missing', place, path, message, undefined, remedyOf(path, meant));
    return;
  }
  if (summary === undefined) return;
  if (summary.train === 0) report.add('dataset-missing', place, path, l10n.t("The dataset '{0}' has no training images.", dataset.root));
  else checkBatches(context, experiment, trainingImages(dataset, summary));
  for (const problem of summary.problems) report.add('dataset-problem', place, path, problem);
}

/** A short last batch is dropped, so that of a list shorter than a batch nothing is left. */
function checkBatches(context: CheckContext, { stages }: Experiment, images: number): void {
  for (const stage of stages) {
    const { batchSize } = stage.training;
    if (stage.given !== undefined || batchSize <= images) continue;
    const { place, path } = recipePlace(context, stage, ['batchSize']);
    context.report.add('too-few-images', place, path, l10n.t('{0} images are left to train on, fewer than a batch of {1}: there is no step.', images, batchSize));
  }
}

async function checkDevice({ tree, report }: CheckContext, { device }: Experiment, providers: Providers): Promise<void> {
  if (device === 'auto' || providers.devices === undefined) return;
  const devices = await providers.devices();
  if (devices.includes(device)) return;
  report.add('device-missing', placeAt(tree, ['device']), ['device'], l10n.t("There is no device '{0}' here; found {1}.", device, devices.join(', ')));
}

/** What cannot be found out is not reported: both checks only warn of what is known. */
async function checkMemory({ tree, report }: CheckContext, experiment: Experiment, providers: Providers): Promise<void> {
  const available = await providers.deviceMemory?.(experiment.device).catch(() => undefined);
  if (available === undefined) return;
  for (const stage of experiment.stages) {
    if (stage.given !== undefined) continue;
    const description = await providers.describeStage?.(stageToDescribe(experiment, stage)).catch(() => undefined);
    const needed = description?.step?.peakBytes ?? 0;
    if (needed <= available) continue;
    const field = ['stages', stage.name];
    const message = l10n.t("A training step of '{0}' needs about {1}; the device has {2}.", stage.name, bytesText(needed), bytesText(available));
    report.add('memory-exceeded', keyAt(tree, field) ?? placeAt(tree, field), field, message);
  }
}

async function checkOutput({ tree, report }: CheckContext, { name, file, directory }: Experiment, providers: Providers): Promise<void> {
  const configs = (await providers.experimentsIn?.(directory).catch(() => undefined)) ?? [];
  const others = configs.filter((config) => config.file !== file && config.experiment === name).map((config) => basename(config.file));
  if (others.length === 0) return;
  report.add(
    'shared-output',
    placeAt(tree, ['experiment']),
    ['experiment'],
    l10n.t("{0} has the same experiment name '{1}': both write to 'runs/{1}', and the summary of one replaces the other.", others.join(', '), name),
  );
}

async function checkFiles(context: CheckContext, stage: Stage, providers: Providers): Promise<void> {
  if (stage.init !== undefined && stage.given === undefined) {
    const path = ['stages', stage.name, 'init', 'backbone'];
    const { backbone } = stage.init;
    await guarded(context, 'file-missing', path, () => checkExists(context, path, backbone, providers));
  }
  if (stage.given?.kind === 'checkpoint') {
    const path = ['stages', stage.name, 'checkpoint'];
    const { file } = stage.given;
    await guarded(context, 'file-missing', path, () => checkCheckpoint(context, path, stage, file, providers));
  }
}

/** Reports a file that is not there; without a provider it is taken to be. */
async function checkExists(context: CheckContext, path: Path, file: string, providers: Providers): Promise<boolean> {
  const isThere = (await providers.exists?.(file)) ?? true;
  if (!isThere) await reportMissing(context, path, file, providers);
  return isThere;
}

async function reportMissing(context: CheckContext, path: Path, file: string, providers: Providers): Promise<void> {
  const { tree, report } = context;
  const meant = await nearestPath(context, path, file, 'file', providers);
  const message = meant === undefined ? l10n.t("There is no file '{0}'.", file) : l10n.t("There is no file '{0}'; did you mean '{1}'?", file, meant);
  report.add('file-missing', placeAt(tree, path), path, message, undefined, remedyOf(path, meant));
}

/** What is written of a path, with the nearest name that its folder has in the place of the one that it lacks. */
async function nearestPath({ tree }: CheckContext, field: Path, missing: string, kind: FolderItem['kind'], providers: Providers): Promise<string | undefined> {
  const node = nodeAt(tree, field);
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  const items = (await providers.listFolder?.(dirname(missing)).catch(() => undefined)) ?? [];
  const name = nearest(basename(missing), items.filter((item) => item.kind === kind && !item.name.startsWith('.')).map((item) => item.name));
  return name === undefined ? undefined : node.value.replace(/[^\\/]*[\\/]*$/, () => name);
}

function remedyOf(path: Path, value: string | undefined): Remedy | undefined {
  return value === undefined ? undefined : { path, value };
}

async function checkCheckpoint(context: CheckContext, path: Path, stage: Stage, file: string, providers: Providers): Promise<void> {
  const isThere = await checkExists(context, path, file, providers);
  if (!isThere || providers.checkpointHeader === undefined) return;
  const { tree, report } = context;
  const place = placeAt(tree, path);
  const header = await providers.checkpointHeader(file);
  if (header === undefined) {
    await reportMissing(context, path, file, providers);
    return;
  }
  for (const { difference, remedy } of differences(header, stage)) {
    report.add('checkpoint-mismatch', place, path, l10n.t("The checkpoint '{0}' {1}.", file, difference), undefined, remedy);
  }
  if (header.resolution !== undefined && canonical(header.resolution) !== canonical(stage.resolution)) {
    const [trained, used] = [sizeText(header.resolution), sizeText(stage.resolution)];
    const { height, width } = header.resolution;
    const remedy = { path: ['stages', stage.name, 'resolution'], value: height === width ? height : [height, width] };
    report.add('checkpoint-resolution', place, path, l10n.t("The checkpoint '{0}' was trained at {1}; the stage runs it at {2}.", file, trained, used), undefined, remedy);
  }
}

function differences(header: CheckpointSummary, stage: Stage): { readonly difference: string; readonly remedy?: Remedy }[] {
  const field = (...path: string[]) => ['stages', stage.name, ...path];
  const { unreadable, holds, classes, model, method } = header;
  if (unreadable !== undefined) return [{ difference: l10n.t('cannot be read: {0}', unreadable.replace(/\.$/, '')) }];
  switch (holds) {
    case 'encoder':
      return [{ difference: l10n.t("holds an encoder alone; a stage starts from it with '{0}'", 'init: { backbone: FILE }') }];
    case 'unknown':
      return [{ difference: l10n.t('holds no network that is known here; `scrkd weights inspect` lists its tensors') }];
    case undefined:
      break;
  }
  const found: { difference: string; remedy?: Remedy }[] = [];
  if (classes !== undefined) found.push({ difference: l10n.t('tells {0} classes apart; a saliency map has one', classes) });
  if (model !== undefined && canonical(model) !== canonical(stage.model)) {
    found.push({ difference: l10n.t('holds {0}, the stage is {1}', modelText(model), modelText(stage.model)), remedy: { path: field('model'), value: shortModel(model) } });
  }
  if (method !== undefined && method !== stage.adapter?.method) {
    found.push({ difference: l10n.t("was distilled by {0}: say so with '{1}'", method, `distill: { method: ${method} }`), remedy: { path: field('distill', 'method'), value: method } });
  }
  return found;
}

/** As a person writes it: the name alone, or with the options that are not as usual. */
function shortModel({ name, options }: ModelChoice): unknown {
  const usual = new Map<string, unknown>(Object.entries(models[name].defaults));
  const own = Object.entries(options).filter(([option, value]) => usual.get(option) !== value);
  return own.length === 0 ? name : { name, ...Object.fromEntries(own) };
}

/** `pspnet { backbone: resnet50, width: 1 }` */
function modelText({ name, options }: ModelChoice): string {
  return `${name} { ${Object.entries(options)
    .map(([option, value]) => `${option}: ${String(value)}`)
    .join(', ')} }`;
}
