/** The distillation methods a stage may name, one file each. */
import { at, type AtOptions } from './at.ts';
import { cmhrd, type CmhrdOptions } from './cmhrd.ts';
import { cwd, type CwdOptions } from './cwd.ts';
import { famkd, type FamkdOptions } from './famkd.ts';
import { fitnet, type FitnetOptions } from './fitnet.ts';
import { ifvd, type IfvdOptions } from './ifvd.ts';
import { kd, type KdOptions } from './kd.ts';
import { logitstdkd, type LogitstdkdOptions } from './logitstdkd.ts';
import { pd, type PdOptions } from './pd.ts';
import { reviewkd, type ReviewkdOptions } from './reviewkd.ts';
import { scrkd, type ScrkdOptions } from './scrkd.ts';
import { skd, type SkdOptions } from './skd.ts';
import { srd, type SrdOptions } from './srd.ts';
import { stonet, type StonetOptions } from './stonet.ts';
import type { Preset } from '../experiment.ts';
import type { Family, MethodEntry } from './method.ts';

/** The methods with their options. `src/distillation` has a registry over these names. */
export interface MethodOptionsOf {
  scrkd: ScrkdOptions;
  kd: KdOptions;
  fitnet: FitnetOptions;
  at: AtOptions;
  cwd: CwdOptions;
  reviewkd: ReviewkdOptions;
  srd: SrdOptions;
  logitstdkd: LogitstdkdOptions;
  famkd: FamkdOptions;
  skd: SkdOptions;
  ifvd: IfvdOptions;
  stonet: StonetOptions;
  pd: PdOptions;
  cmhrd: CmhrdOptions;
}

export type MethodName = keyof MethodOptionsOf;
export type MethodOptions = MethodOptionsOf[MethodName];

/** In the order in which they are proposed. */
export const methods: Readonly<Record<MethodName, MethodEntry<MethodOptions>>> = { scrkd, kd, fitnet, at, cwd, reviewkd, srd, logitstdkd, famkd, skd, ifvd, stonet, pd, cmhrd };

export const methodNames = Object.keys(methods) as [MethodName, ...MethodName[]];

/** Factors of the method's terms for a network of this family. */
export function coefficientsOf(method: MethodName, family: Family, preset: Preset = 'default'): Readonly<Record<string, number>> {
  const { terms, official } = methods[method];
  const usual = Object.fromEntries(Object.entries(terms).map(([name, { weights }]) => [name, weights[family]]));
  return preset === 'official-code' ? { ...usual, ...official?.[family]?.weights } : usual;
}

/** The method's temperature for a network of this family; 1 where it has none. */
export function temperatureOf(method: MethodName, family: Family, preset: Preset = 'default'): number {
  const { temperature, official } = methods[method];
  return (preset === 'official-code' ? official?.[family]?.temperature : undefined) ?? temperature?.[family] ?? 1;
}
