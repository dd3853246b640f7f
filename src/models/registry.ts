import type { ModelName, ModelOptionsOf } from '../config/catalog/models.ts';
import type { Model } from './model.ts';
import { pspnet } from './pspnet.ts';

const registry: { readonly [Name in ModelName]: (options: ModelOptionsOf[Name]) => Model } = { pspnet };

export function createModel<Name extends ModelName>(name: Name, options: ModelOptionsOf[Name]): Model {
  return registry[name](options);
}
