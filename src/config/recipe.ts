/** What decides a stage's numbers, in a form that can be hashed. */
import type { Stage } from './experiment.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Everything of a stage that decides its numbers, with sorted keys: equal recipes have equal `JSON.stringify`.
 * Names, paths, captures and what is only kept or reported are left out. A caller that makes a key of it adds the
 * hashes of the dataset, of the parents and of a file that `init` or `given` names.
 */
export function stageRecipe(stage: Stage): Json {
  // When too many images are unreadable a run stops; how many are too many decides no number.
  const training = { ...stage.training, stopAfterUnreadable: undefined };
  return sorted({
    model: stage.model,
    resolution: stage.resolution,
    adapter: stage.adapter,
    given: stage.given?.kind,
    ...(stage.given === undefined && {
      training,
      distill: stage.distill && { method: stage.distill.method, options: stage.distill.options, weights: stage.distill.weights, temperature: stage.distill.temperature },
      init: stage.init && Object.keys(stage.init),
      selection: stage.selection,
    }),
  });
}

/** Equal values have equal texts, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** A copy with sorted keys and without undefined fields. */
function sorted(value: unknown): Json {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]));
}
