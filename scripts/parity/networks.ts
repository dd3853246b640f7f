/** The networks that records speak of, by the names they use. */
import type { ScrkdOptions } from '../../src/config/catalog/scrkd.ts';
import { modelNames, models, type ModelName } from '../../src/config/catalog/models.ts';
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import type { Grid } from '../../src/nn/resize.ts';

export const defaultOptions: ScrkdOptions = {
  headWeights: 'default', gateConvolution: 'default', mvcdSize: 'default', msfdWeighting: 'default', msfdPyramid: 'default',
  msfdPairing: 'default', dsdDirection: 'default', dsdTemperature: 'default', teacherMode: 'default',
};

export function plainPspnet(grid: Grid): NetworkDefinition {
  return usual('pspnet')(grid);
}

/**
 * @param name as loss records have it, e.g. `PSPNet`.
 * @param head TransXNet's.
 */
export function networkNamed(name: string, head: 'default' | 'official' = 'official'): ((grid: Grid) => NetworkDefinition) | undefined {
  const model = modelNames.find((each) => models[each].title === name);
  if (model === undefined) return undefined;
  return model === 'transxnet' ? transxnet(head) : usual(model);
}

/** With the options that a model usually has, but without stochastic depth, as records are. */
function usual(model: ModelName): (grid: Grid) => NetworkDefinition {
  const { defaults } = models[model];
  return ([height, width]) => ({ model, options: { ...defaults, ...('dropPath' in defaults && { dropPath: 0 }) }, height, width });
}

/** Records have the table of the input's own size (that of their first size, where a remark names two), and mostly the official head. */
function transxnet(head: 'default' | 'official', positions?: number): (grid: Grid) => NetworkDefinition {
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
  if (network === 'scrkd_pspnet') return { definition: { ...plainPspnet(grid), adapter: { method: 'scrkd', options: defaultOptions } }, quantity };
  if (network === 'transxnet') return transxnetSubject(quantity, grid);
  const model = modelNames.find((each) => each === network);
  return model && { definition: usual(model)(grid), quantity };
}
