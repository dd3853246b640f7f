import type { Stage } from '../experiment.ts';
import type { Report } from '../report.ts';
import type { ConfigFile } from '../schema.ts';
import type { MapNode } from '../tree.ts';

/** What a check beyond the schema sees. Fields that the schema refused are absent from `config`. */
export interface CheckContext {
  readonly tree: MapNode;
  readonly config: ConfigFile;
  /** In topological order; a stage that could not be resolved is absent. */
  readonly stages: readonly Stage[];
  readonly report: Report;
}

export function stageNamed(context: CheckContext, name: string): Stage | undefined {
  return context.stages.find((stage) => stage.name === name);
}
