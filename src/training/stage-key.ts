import { createHash } from 'node:crypto';
import type { Stage } from '../config/experiment.ts';
import { stageRecipe } from '../config/recipe.ts';

/** What decides a stage's numbers besides its own recipe. */
export interface StageInputs {
  readonly datasetFingerprint: string;
  /** By role: the parents' own keys. */
  readonly parents: Readonly<Record<string, string>>;
  /** By role: sha256 of the files that `init` names. */
  readonly files: Readonly<Record<string, string>>;
}

/** Bumped when a change of the program changes the numbers of a stage, so that older runs are not taken for equal ones. */
const numericsVersion = 1;

/** Two stages with equal keys train to equal numbers: a finished run with this key can stand for a new one. */
export function stageKey(stage: Stage, inputs: StageInputs): string {
  const content = { numericsVersion, recipe: stageRecipe(stage), dataset: inputs.datasetFingerprint, parents: sorted(inputs.parents), files: sorted(inputs.files) };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** The key of a stage that is given as a file: its content. */
export function givenKey(sha256: string): string {
  return `file:${sha256}`;
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
