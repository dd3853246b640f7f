import type { MethodName, MethodOptionsOf } from '../config/catalog/methods.ts';
import { at } from './at.ts';
import { cmhrd } from './cmhrd.ts';
import { cwd } from './cwd.ts';
import { famkd } from './famkd.ts';
import { fitnet } from './fitnet.ts';
import { ifvd } from './ifvd.ts';
import { kd } from './kd.ts';
import { logitstdkd } from './logitstdkd.ts';
import { pd } from './pd.ts';
import { reviewkd } from './reviewkd.ts';
import { scrkd } from './scrkd/scrkd.ts';
import { skd } from './skd.ts';
import { srd } from './srd.ts';
import { stonet } from './stonet.ts';
import type { Method } from './method.ts';

const registry: { readonly [Name in MethodName]: (options: MethodOptionsOf[Name]) => Method } = {
  scrkd: (options) => scrkd(options),
  kd,
  fitnet,
  at,
  cwd,
  reviewkd,
  srd,
  logitstdkd,
  famkd,
  skd,
  ifvd,
  stonet,
  pd,
  cmhrd,
};

export function createMethod<Name extends MethodName>(name: Name, options: MethodOptionsOf[Name]): Method {
  return registry[name](options);
}
