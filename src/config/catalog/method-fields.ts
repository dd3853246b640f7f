/** The fields of `distill` that depend on the method: those of all methods side by side, and which of them a method has. */
import * as z from 'zod';
import '../field.ts';
import { methodNames, methods, type MethodName } from './methods.ts';

/** The blocks of `distill` whose fields depend on the method. */
export type MethodBlock = 'weights' | 'options';

/** The fields that a method has in a block. */
export function methodFields(method: MethodName, block: MethodBlock): readonly string[] {
  const { terms, options } = methods[method];
  return Object.keys(block === 'weights' ? terms : options.shape);
}

/** The methods that have a field, in the order of the catalog. */
export function methodsWith(block: MethodBlock, field: string): readonly MethodName[] {
  return methodNames.filter((name) => methodFields(name, block).includes(field));
}

/** ` (methods A, B)` where not all have it. */
function owners(block: MethodBlock, field: string): string {
  const names = methodsWith(block, field);
  return names.length === methodNames.length ? '' : ` Of ${names.map((name) => methods[name].title).join(', ')}.`;
}

const weight = z.number().min(0).max(1e6);

export const weightFields: Readonly<Record<string, z.ZodOptional<z.ZodNumber>>> = Object.fromEntries(
  methodNames.flatMap((name) =>
    Object.entries(methods[name].terms).map(([term, { description, weights }]) => {
      const values = new Set(methodsWith('weights', term).flatMap((each) => Object.values(methods[each].terms[term]!.weights)));
      const [only] = values.size === 1 ? values : [];
      const source = methodsWith('weights', term).length === 1 ? methods[name].source : undefined;
      return [term, weight.meta({ description: `${description}${owners('weights', term)} ${words(weights)}`.trim(), ...(only !== undefined && { default: only }), ...(source !== undefined && { source }) }).optional()];
    }),
  ),
);

/** Defaults that differ between networks, in words. */
function words(weights: Readonly<Record<string, number>>): string {
  return new Set(Object.values(weights)).size === 1 ? '' : `Default by network: ${Object.entries(weights).map(([family, value]) => `${String(value)} (${family})`).join(', ')}.`;
}

/** Every option's own declaration, its description with the methods that have it. */
export const optionFields: Readonly<Record<string, z.ZodOptional<z.ZodEnum>>> = Object.fromEntries(
  methodNames.flatMap((name) =>
    Object.entries(methods[name].options.shape).map(([option, field]) => {
      const meta = z.globalRegistry.get(field) ?? {};
      return [option, field.meta({ ...meta, description: `${meta.description ?? ''}${owners('options', option)}` }).optional()];
    }),
  ),
);
