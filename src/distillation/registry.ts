import type { MethodName, MethodOptionsOf } from '../config/catalog/methods.ts';
import type { Method } from './method.ts';
import { scrkd } from './scrkd/scrkd.ts';

const registry: { readonly [Name in MethodName]: (options: MethodOptionsOf[Name]) => Method } = { scrkd: (options) => scrkd(options) };

export function createMethod<Name extends MethodName>(name: Name, options: MethodOptionsOf[Name]): Method {
  return registry[name](options);
}
