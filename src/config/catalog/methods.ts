/** The distillation methods a stage may name. One file a method; a name without one is `planned` and refused. */
import { scrkd, type ScrkdOptions } from './scrkd.ts';

/** The built methods with their options. `src/distillation` has a registry over these names. */
export interface MethodOptionsOf {
  scrkd: ScrkdOptions;
}

export type MethodName = keyof MethodOptionsOf;
export type MethodOptions = MethodOptionsOf[MethodName];
/** A weighted loss term of a method. */
export type TermName = keyof typeof scrkd.terms;

export const methods = { scrkd } as const satisfies Record<MethodName, unknown>;

export const methodNames = Object.keys(methods) as [MethodName, ...MethodName[]];

/** Known and not built yet. */
export const plannedMethods = ['kd', 'fitnet', 'at', 'cwd', 'reviewkd', 'srd', 'logitstdkd', 'famkd', 'skd', 'ifvd', 'stonet', 'pd', 'cmhrd'] as const;
