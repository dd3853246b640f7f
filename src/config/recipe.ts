import type { Stage } from './experiment.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Everything of a stage that decides its numbers, with sorted keys: equal recipes have equal `JSON.stringify`.
 * Names, paths, captures and how often something is saved are left out; a hash of a file that `init` names, of the
 * dataset and of the parents has to be added by the caller.
 */
export function stageRecipe(stage: Stage): Json {
  return { name: stage.name };
}
