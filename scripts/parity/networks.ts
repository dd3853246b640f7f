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
  switch (name) {
    case 'PSPNet':
      return plainPspnet;
    case 'SegFormer':
      return segformer;
    case 'TransXNet':
      return transxnet('official');
    default:
      return undefined;
  }
}

/** Records are without stochastic depth. */
export function segformer([height, width]: Grid): NetworkDefinition {
  return { model: 'segformer', options: { ...models.segformer.defaults, dropPath: 0 }, height, width };
}

/** Records have the table of the input's own size (that of their first size, where a remark names two), and mostly the official head. */
export function transxnet(head: 'default' | 'official', positions?: number): (grid: Grid) => NetworkDefinition {
  return ([height, width]) => ({ model: 'transxnet', options: { ...models.transxnet.defaults, head, positions: positions ?? Math.max(height, width) }, height, width });
}

/** What a forward record looks at: a network, and the name of a tensor in it. */
export interface ForwardSubject {
  readonly definition: NetworkDefinition;
  readonly quantity: string;
}

/** TransXNet's records name the head, or a table of position biases of another size (`stage1_at96_with_64_table`). */
function transxnetSubject(quantity: string, grid: Grid): ForwardSubject {
  const [, head] = /^logit_(official|fixed)_head$/.exec(quantity) ?? [];
  if (head !== undefined) return { definition: transxnet(head === 'official' ? 'official' : 'default')(grid), quantity: 'logit' };
  const [, stage, side, table] = /^(stage\d)_at(\d+)_with_(\d+)_table$/.exec(quantity) ?? [];
  if (stage !== undefined) return { definition: transxnet('official', Number(table))([Number(side), Number(side)]), quantity: `${stage}_normed` };
  return { definition: transxnet('official')(grid), quantity };
}

/** @param network the first part of a forward record's name, e.g. `scrkd_pspnet`; nothing for one that is not built. */
export function forwardSubject(network: string, quantity: string, grid: Grid): ForwardSubject | undefined {
  switch (network) {
    case 'pspnet':
      return { definition: plainPspnet(grid), quantity };
    case 'scrkd_pspnet':
      return { definition: { ...plainPspnet(grid), adapter: { method: 'scrkd', options: defaultOptions } }, quantity };
    case 'segformer':
      return { definition: segformer(grid), quantity };
    case 'transxnet':
      return transxnetSubject(quantity, grid);
    case 'isaanet':
    case 'solnet':
      return { definition: { model: network, options: models[network].defaults, height: grid[0], width: grid[1] }, quantity };
    default:
      return undefined;
  }
}
