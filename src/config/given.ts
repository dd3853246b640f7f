/** Stages that are not trained here: a checkpoint, or a stage of another config. */
import * as l10n from '@vscode/l10n';
import type { Library } from './library.ts';
import { beside } from './load.ts';
import { nearest } from './names.ts';
import type { Report } from './report.ts';
import type { ConfigSource, ResolvedConfig } from './resolve.ts';
import type { Stage } from './experiment.ts';
import type { StageFile } from './schema.ts';
import { keyAt, placeAt, type MapNode } from './tree.ts';
import { isAttempted } from './validate.ts';

export type UseChain = readonly string[];

interface GivenContext {
  readonly tree: MapNode;
  readonly stages: ReadonlyMap<string, StageFile>;
  readonly report: Report;
  readonly library: Library;
  /** The configs whose stages are being looked up, this one last. */
  readonly chain: UseChain;
  readonly resolve: (source: ConfigSource, library: Library, chain: UseChain) => Promise<ResolvedConfig>;
}

/** Makes the stage out of what its own config says about it (nothing, for `use`). */
type MakeGiven = (own: Stage | undefined) => Stage | undefined;

const besideUse = [['model'], ['resolution'], ['distill'], ['checkpoint'], ['init'], ['training'], ['seed']];
/** `distill.method` and `distill.options` say which network the file holds; how it was trained is past. */
const besideCheckpoint = [['init'], ['training'], ['seed'], ['distill', 'from'], ['distill', 'weights'], ['distill', 'temperature']];

/** How each given stage is made, by name; reports what does not belong on a given stage and what a trained one lacks. */
export async function givenStages(context: GivenContext): Promise<Map<string, MakeGiven>> {
  const given = new Map<string, MakeGiven>();
  for (const [name, file] of context.stages) {
    if (file.use !== undefined) {
      refuseFields(context, name, 'use', besideUse);
      const stage = await usedStage(context, name, file.use);
      given.set(name, () => stage);
    } else {
      requireFields(context, name, file);
      if (file.checkpoint === undefined) continue;
      refuseFields(context, name, 'checkpoint', besideCheckpoint);
      const path = ['stages', name, 'checkpoint'];
      const checkpoint = beside(placeAt(context.tree, path).source.path, file.checkpoint);
      given.set(name, (own) => own && { ...own, given: { kind: 'checkpoint', file: checkpoint } });
    }
  }
  return given;
}

function requireFields({ tree, report }: GivenContext, name: string, file: StageFile): void {
  // A `use` that is written and refused was to say the rest.
  if (isAttempted(tree, ['stages', name, 'use'])) return;
  const require = (path: string[], expected: string) => {
    if (isAttempted(tree, path)) return;
    const place = keyAt(tree, path.slice(0, -1)) ?? placeAt(tree, path);
    report.add('missing-field', place, path, l10n.t("The field '{0}' is missing: expected {1}.", path.join('.'), expected));
  };
  if (file.model === undefined) require(['stages', name, 'model'], l10n.t('the name of a model'));
  if (file.resolution === undefined) require(['stages', name, 'resolution'], l10n.t('the side of the input image in pixels'));
  if (file.distill !== undefined && file.distill.from === undefined && file.checkpoint === undefined) {
    require(['stages', name, 'distill', 'from'], l10n.t('the name of a stage'));
  }
}

function refuseFields({ tree, report }: GivenContext, name: string, by: 'use' | 'checkpoint', fields: readonly (readonly string[])[]): void {
  for (const field of fields) {
    const path = ['stages', name, ...field];
    const place = keyAt(tree, path);
    if (place === undefined) continue;
    const code = field.includes('checkpoint') ? 'given-stage-conflict' : 'given-stage-field';
    report.add(code, place, path, l10n.t("'{0}' has no effect: the stage '{1}' is given by '{2}'.", field.join('.'), name, by));
  }
}

async function usedStage(context: GivenContext, name: string, use: string): Promise<Stage | undefined> {
  const { tree, report, library, chain } = context;
  const path = ['stages', name, 'use'];
  const place = placeAt(tree, path);
  const mark = use.lastIndexOf('#');
  const file = beside(place.source.path, use.slice(0, mark));
  const wanted = use.slice(mark + 1);
  if (chain.includes(file)) {
    report.add('use-cycle', place, path, l10n.t('These configs use each other in a circle: {0}.', [...chain.slice(chain.indexOf(file)), file].join(' → ')));
    return undefined;
  }
  const text = await library.read(file);
  if ('reason' in text) {
    report.add('file-unreadable', place, path, l10n.t("The config '{0}' cannot be read: {1}.", file, text.reason));
    return undefined;
  }
  const { experiment, diagnostics } = await library.resolved(file, () => context.resolve({ text: text.text, path: file }, library, chain));
  if (experiment === undefined) {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const reason = first === undefined ? '' : l10n.t('line {0}: {1}', first.range.start.line + 1, first.message);
    report.add('use-invalid', place, path, l10n.t("The config '{0}' has errors; the first: {1}", file, reason));
    return undefined;
  }
  const stage = experiment.stages.find((each) => each.name === wanted);
  if (stage === undefined) {
    const names = experiment.stages.map((each) => each.name);
    const suggestion = nearest(wanted, names);
    report.add(
      'use-invalid',
      place,
      path,
      l10n.t("The config '{0}' has no stage '{1}'; its stages are {2}.", file, wanted, names.join(', ')),
      suggestion === undefined ? undefined : `${use.slice(0, mark)}#${suggestion}`,
    );
    return undefined;
  }
  // How it was trained is in its own experiment; here it is only a network.
  const { model, resolution, training, adapter, selection } = stage;
  return { name, model, resolution, training, selection, ...(adapter && { adapter }), given: { kind: 'use', file, stage: wanted, experiment } };
}
