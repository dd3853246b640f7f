import type { Evaluation, Scores } from './metrics.ts';

/** The measures of a table, in the order in which papers print them. */
export const figureNames = ['mae', 'maxF', 'meanF', 'adaptiveF', 'weightedF', 's', 'maxE', 'meanE', 'adaptiveE', 'auc'] as const satisfies readonly (keyof Scores)[];
export type FigureName = (typeof figureNames)[number];

/** MAE is an error; of all others more is better. */
export function isBetter(name: FigureName, value: number, than: number): boolean {
  return name === 'mae' ? value < than : value > than;
}

/** The scalar figures of an evaluation by name; those that its protocol does not define are absent. */
export function figuresOf(scores: Scores): Record<string, number> {
  return Object.fromEntries(figureNames.flatMap((name) => (scores[name] === undefined ? [] : [[name, scores[name]] as const])));
}

/** An evaluation under the name that tables and charts give it. */
export interface NamedEvaluation {
  readonly name: string;
  readonly evaluation: Evaluation;
}
