/** Figures behind the fields that decide them: network sizes, feature shapes, memory, steps. */
import * as l10n from '@vscode/l10n';
import { sizeText } from '../checks/networks.ts';
import { heldOutImages, trainingImages } from '../dataset-split.ts';
import { stageToDescribe, type StageDescription, type StageToDescribe } from '../description.ts';
import type { Position } from '../diagnostic.ts';
import type { Stage } from '../experiment.ts';
import { bytesText, countText } from '../number-text.ts';
import { canonical } from '../recipe.ts';
import type { ResolvedConfig } from '../resolve.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import { entryAt, stageEntries, type OutlineEntry } from './outline.ts';
import type { EditorProviders, KnownRun } from './providers.ts';

export interface InlayHint {
  readonly position: Position;
  readonly text: string;
  readonly tooltip: string;
}

export async function inlayHints(document: ConfigDocument, { draft }: ResolvedConfig, providers: EditorProviders): Promise<InlayHint[]> {
  if (draft === undefined) return [];
  const summary = await providers.datasetSummary?.(draft.dataset.root, draft.dataset.lists).catch(() => undefined);
  const images = summary === undefined ? undefined : trainingImages(draft.dataset, summary);
  const hints: InlayHint[] = [];
  const root = entryAt(document.outline.root, ['dataset', 'root']);
  if (images !== undefined && summary !== undefined && root?.value !== undefined) {
    hints.push(behind(document, onOneLine(document, entryAt(document.outline.root, ['dataset'])) ?? root, l10n.t('{0} train, {1} validation, {2} test', images, heldOutImages(draft.dataset, summary), summary.test), l10n.t('Images of the dataset.')));
  }
  const runs = (await providers.runsOf?.(draft).catch(() => undefined)) ?? [];
  for (const entry of stageEntries(document.outline)) {
    const stage = draft.stages.find(({ name }) => name === entry.key.name);
    if (stage === undefined) continue;
    const description = await providers.describeStage?.(stageToDescribe(draft, stage)).catch(() => undefined);
    const time = timeText(stage, stageToDescribe(draft, stage), images, runs);
    hints.push(...stageHints(document, entry, stage, description, images, time));
  }
  return hints;
}

function stageHints(document: ConfigDocument, entry: OutlineEntry, stage: Stage, description: StageDescription | undefined, images: number | undefined, time: string): InlayHint[] {
  const { root } = document.outline;
  const network = description && l10n.t('{0} parameters, {1} MACs', countText(description.parameters), countText(description.multiplyAccumulates));
  const grids = description?.features.map(sizeText).join(' · ');
  const training = [stepsText(stage, images), description?.step === undefined ? '' : l10n.t('about {0}', bytesText(description.step.peakBytes)), time].filter((fact) => fact !== '').join(', ');
  const explained = {
    network: l10n.t('Of the network as it is deployed; multiply-accumulates of one image.'),
    grids: l10n.t("Grids of the decoder's features, finest first."),
    training: time === '' ? l10n.t('Steps of an epoch; memory of a training step, estimated.') : l10n.t('Steps of an epoch; memory of a training step, estimated; time of all epochs, from measured steps of an earlier run.'),
  };
  if (onOneLine(document, entry) !== undefined) {
    const facts = [network, grids, training].filter((fact) => fact !== undefined && fact !== '');
    return facts.length === 0 ? [] : [behind(document, entry, facts.join('; '), Object.values(explained).join('\n\n'))];
  }
  const model = entryAt(root, ['stages', stage.name, 'model']);
  const resolution = entryAt(root, ['stages', stage.name, 'resolution']);
  return [
    ...(network === undefined || model?.value === undefined ? [] : [behind(document, model, network, explained.network)]),
    ...(grids === undefined || resolution?.value === undefined ? [] : [behind(document, resolution, grids, explained.grids)]),
    ...(training === '' || entry.colon === undefined ? [] : [{ position: spanRange(document, { start: entry.start, end: entry.colon + 1 }).end, text: training, tooltip: explained.training }]),
  ];
}

/** From the newest run whose steps are the same; runs come oldest first. */
function timeText({ given, training, name }: Stage, of: StageToDescribe, images: number | undefined, runs: readonly KnownRun[]): string {
  if (given !== undefined || images === undefined) return '';
  const measured = runs.findLast((run) => run.stage === name && run.measured !== undefined && canonical(run.measured.of) === canonical(of))?.measured;
  if (measured === undefined) return '';
  return durationText(measured.secondsPerStep * Math.floor(images / training.batchSize) * training.epochs);
}

function durationText(seconds: number): string {
  if (seconds < 60) return l10n.t('{0} s', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? l10n.t('{0} min', minutes) : l10n.t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

/** The last batch is dropped when it is short. */
function stepsText({ given, training }: Stage, images: number | undefined): string {
  if (given !== undefined || images === undefined) return '';
  const steps = Math.floor(images / training.batchSize);
  return steps === 1 ? l10n.t('1 step an epoch') : l10n.t('{0} steps an epoch', steps);
}

/** The entry when its block is written between brackets on one line: hints among them would tear it apart, they stand behind it. */
function onOneLine(document: ConfigDocument, entry: OutlineEntry | undefined): OutlineEntry | undefined {
  if (entry?.value === undefined) return undefined;
  const { start, end } = spanRange(document, entry);
  return start.line === end.line ? entry : undefined;
}

function behind(document: ConfigDocument, entry: OutlineEntry, text: string, tooltip: string): InlayHint {
  const node = entry.value!;
  const isBlock = node.kind !== 'scalar' && node.style === 'block';
  const { end } = spanRange(document, isBlock ? { start: entry.start, end: entry.colon! + 1 } : node);
  return { position: end, text, tooltip };
}
