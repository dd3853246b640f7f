import type { Stage } from '../config/experiment.ts';
import type { NetworkDefinition } from './step.ts';

/** The network of a stage as it is deployed: a distilled one keeps what its method leaves in it. */
export function networkOf(stage: Stage): NetworkDefinition {
  return {
    model: stage.model.name,
    options: stage.model.options,
    height: stage.resolution.height,
    width: stage.resolution.width,
    ...(stage.adapter === undefined ? {} : { adapter: stage.adapter }),
  };
}
