/** The networks that records speak of, by the names they use. */
import type { ScrkdOptions } from '../../src/config/catalog/scrkd.ts';
import { models } from '../../src/config/catalog/models.ts';
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import type { Grid } from '../../src/nn/resize.ts';

export const defaultOptions: ScrkdOptions = {
  headWeights: 'default', gateConvolution: 'default', mvcdSize: 'default', msfdWeighting: 'default', msfdPyramid: 'default',
  msfdPairing: 'default', dsdDirection: 'default', dsdTemperature: 'default', teacherMode: 'default',
};

export function plainPspnet([height, width]: Grid): NetworkDefinition {
  return { model: 'pspnet', options: { backbone: 'resnet50', width: 1 }, height, width };
}

/** @param name as loss records have it, e.g. `PSPNet`. */
export function networkNamed(name: string): ((grid: Grid) => NetworkDefinition) | undefined {
  return name === 'PSPNet' ? plainPspnet : undefined;
}

/** Records are without stochastic depth. */
export function segformer([height, width]: Grid): NetworkDefinition {
  return { model: 'segformer', options: { ...models.segformer.defaults, dropPath: 0 }, height, width };
}

/** @param name the first part of a forward record's name, e.g. `scrkd_pspnet`. */
export function definitionOf(name: string, grid: Grid): NetworkDefinition | undefined {
  switch (name) {
    case 'pspnet':
      return plainPspnet(grid);
    case 'scrkd_pspnet':
      return { ...plainPspnet(grid), adapter: { method: 'scrkd', options: defaultOptions } };
    case 'segformer':
      return segformer(grid);
    case 'isaanet':
    case 'solnet':
      return { model: name, options: models[name].defaults, height: grid[0], width: grid[1] };
    default:
      return undefined;
  }
}
