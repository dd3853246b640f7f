/** Which value a field has in effect, and what it has it from. */
import { models } from '../catalog/models.ts';
import { defaults } from '../defaults.ts';
import type { Experiment, Preset, Stage } from '../experiment.ts';
import { metaOf } from '../field.ts';
import { presets } from '../presets.ts';
import type { Path } from '../report.ts';
import type { ResolvedConfig } from '../resolve.ts';
import type { Place } from '../source.ts';
import { keyAt, nodeAt, plainValue, type MapNode } from '../tree.ts';
import { fieldAt } from './documentation.ts';

export interface Effective {
  readonly value: unknown;
  readonly origin: Origin;
}

export type Origin =
  /** Where it is written: in the field itself, in the shared recipe, behind an anchor, or in another file. */
  | { readonly kind: 'written'; readonly path: Path; readonly place: Place }
  | { readonly kind: 'preset'; readonly preset: Preset }
  | { readonly kind: 'default' }
  /** The paper's coefficients of the model's family (SCRKD, Eq. 1). */
  | { readonly kind: 'model'; readonly model: string };

/** Undefined for a field that has no value, or none that is known because of errors. */
export function effectiveValue({ tree, draft }: ResolvedConfig, path: Path): Effective | undefined {
  if (tree === undefined) return undefined;
  const stage = path[0] === 'stages' ? draft?.stages.find(({ name }) => name === path[1]) : undefined;
  if (path[0] === 'stages') return stage === undefined || draft === undefined ? written(tree, path) : ofStage(tree, draft, stage, path);
  return written(tree, path) ?? unwritten(draft?.preset ?? 'default', path);
}

function written(tree: MapNode, path: Path): Effective | undefined {
  const node = nodeAt(tree, path);
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return undefined;
  return { value: plainValue(node), origin: { kind: 'written', path, place: keyAt(tree, path) ?? node.place } };
}

/** A field outside of the stages that is not written. */
function unwritten(preset: Preset, path: Path): Effective | undefined {
  const answers = presets[preset];
  const ofPreset = (value: unknown): Effective => ({ value, origin: value === declaredDefault(path) || preset === 'default' ? { kind: 'default' } : { kind: 'preset', preset } });
  switch (path.join('.')) {
    case 'training.augmentation':
      return ofPreset(answers.augmentation);
    case 'checkpoints.select':
      return ofPreset(answers.select);
    case 'dataset.validation':
      return ofPreset(answers.validation ?? 'none');
  }
  const value = declaredDefault(path);
  return value === undefined ? undefined : { value, origin: { kind: 'default' } };
}

function declaredDefault(path: Path): unknown {
  const declaration = fieldAt(path);
  return declaration === undefined ? undefined : metaOf(declaration).default;
}

function ofStage(tree: MapNode, draft: Experiment, stage: Stage, path: Path): Effective | undefined {
  const value = dig(fieldsOf(stage), path.slice(2));
  if (value === undefined) return written(tree, path);
  for (const candidate of candidates(path)) {
    const found = written(tree, candidate);
    if (found !== undefined) return { value, origin: found.origin };
  }
  return { value, origin: unwrittenOrigin(draft.preset, stage, path, value) };
}

/** A resolved stage under the names that its fields have in the file. */
function fieldsOf(stage: Stage): Record<string, unknown> {
  const { model, resolution, training, distill, adapter } = stage;
  const { schedule } = training;
  return {
    model: { name: model.name, ...model.options },
    resolution: resolution.height === resolution.width ? resolution.height : [resolution.height, resolution.width],
    seed: training.seed,
    training: { ...training, schedule: schedule.kind === 'constant' ? 'constant' : { step: { every: schedule.every, factor: schedule.factor } } },
    ...((distill ?? adapter) && { distill: distill ?? adapter }),
  };
}

function dig(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

/** Where a stage's field may be written, the strongest first. */
function candidates(path: Path): Path[] {
  const [, , section, ...rest] = path;
  const name = path[1]!;
  if (section === 'seed' || (section === 'training' && rest[0] === 'seed')) {
    return [
      ['stages', name, 'seed'],
      ['stages', name, 'training', 'seed'],
      ['training', 'seed'],
    ];
  }
  return section === 'training' ? [path, ['training', ...rest]] : [path];
}

function unwrittenOrigin(preset: Preset, stage: Stage, path: Path, value: unknown): Origin {
  const [, , section, block, option] = path;
  if (section === 'distill' && block === 'weights' && option !== undefined) return { kind: 'model', model: models[stage.model.name].title };
  // A preset is named where it answers otherwise than the default does.
  const declared = declaredDefault(path) ?? (section === 'seed' ? defaults.training.seed : undefined);
  return declared !== undefined && declared !== value && preset !== 'default' ? { kind: 'preset', preset } : { kind: 'default' };
}
