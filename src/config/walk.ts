/** Finds the declaration of a field. */
import * as z from 'zod';
import { typeOf } from './field.ts';
import type { Path } from './report.ts';
import type { TreeNode } from './tree.ts';

/** What a value looks like in YAML; enough to choose among the forms a field may take. */
type Form = TreeNode['kind'];

/**
 * The declaration of the field at `path`; undefined when there is none. Of a field that takes several forms
 * (`pspnet` or `{ name: pspnet, … }`) the one that can hold the next step is followed.
 */
export function declarationAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let declaration: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    if (declaration === undefined) return undefined;
    declaration = inside(alternative(declaration, typeof step === 'number' ? 'list' : 'map'), step);
  }
  return declaration;
}

/** The only form of a field that a value of this kind can have; the whole declaration when that is not decided. */
export function alternative(schema: z.core.$ZodType, form: Form | undefined): z.core.$ZodType {
  const type = typeOf(schema);
  if (!(type instanceof z.ZodUnion)) return type;
  const fitting = type.options.filter((option) => formOf(option) === form);
  return fitting.length === 1 ? alternative(fitting[0]!, form) : schema;
}

export function formOf(schema: z.core.$ZodType): Form {
  const type = typeOf(schema);
  if (type instanceof z.ZodObject || type instanceof z.ZodRecord) return 'map';
  if (type instanceof z.ZodArray || type instanceof z.ZodTuple) return 'list';
  return 'scalar';
}

function inside(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? (schema.shape as Record<string, z.core.$ZodType>)[step] : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(step)];
  return undefined;
}
