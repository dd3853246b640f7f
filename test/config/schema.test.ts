import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaults } from '../../src/config/defaults.ts';
import { metaOf, typeOf } from '../../src/config/field.ts';
import { configSchema } from '../../src/config/schema.ts';
import { nearest } from '../../src/config/names.ts';

/** Every field with its path; `*` stands for any name. */
function fields(schema: z.core.$ZodType, path: readonly string[] = []): { path: string; schema: z.core.$ZodType }[] {
  const type = typeOf(schema);
  if (type instanceof z.ZodUnion) return type.options.flatMap((option) => fields(option, path));
  if (type instanceof z.ZodRecord) return fields(type.valueType, [...path, '*']);
  if (!(type instanceof z.ZodObject)) return [];
  return Object.entries(type.shape as Record<string, z.core.$ZodType>).flatMap(([name, field]) => [{ path: [...path, name].join('.'), schema: field }, ...fields(field, [...path, name])]);
}

describe('the schema', () => {
  test('describes every field', () => {
    const all = fields(configSchema);
    expect(all.length).toBeGreaterThan(60);
    for (const { path, schema } of all) expect(metaOf(schema).description, path).toMatch(/^\w.*\.$/su);
  });

  test('every default it names is a value that it accepts', () => {
    for (const { path, schema } of fields(configSchema)) {
      const { default: value } = metaOf(schema);
      if (value !== undefined) expect(z.safeParse(schema, value).success, path).toBe(true);
    }
  });

  test('the defaults that apply are the ones it names', () => {
    const named = new Map(fields(configSchema).map(({ path, schema }) => [path, metaOf(schema).default]));
    const flat = (value: object, path: string): [string, unknown][] =>
      Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
        const isBlock = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
        return isBlock ? flat(inner, `${path}${key}.`) : [[`${path}${key}`, inner] as [string, unknown]];
      });
    const { validation, distill, ...rest } = defaults;
    const applied = [...flat(rest, ''), ...flat(validation, 'dataset.validation.'), ...flat(distill, 'stages.*.distill.')];
    expect(applied.length).toBeGreaterThan(20);
    for (const [path, value] of applied) expect(named.get(path), path).toEqual(value);
  });

  test('refuses unknown fields at every level', () => {
    const schema = JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }));
    const parsed = JSON.parse(schema, (_, value: unknown) => {
      if (typeof value === 'object' && value !== null && 'properties' in value) expect(value).toMatchObject({ additionalProperties: false });
      return value;
    }) as { properties: object };
    expect(Object.keys(parsed.properties)).toContain('stages');
  });
});

test.each([
  ['learningrate', 'learningRate'],
  ['batchsize', 'batchSize'],
  ['epcohs', 'epochs'],
  ['modle', 'model'],
  ['zzzzzz', undefined],
  ['x', undefined],
  ['', undefined],
])('the name nearest to %j is %j', (written, expected) => {
  expect(nearest(written, ['learningRate', 'batchSize', 'epochs', 'model', 'seed'])).toBe(expected);
});
