/** What a field accepts, in words; derived from its type. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { metaOf, typeOf } from './field.ts';

/** The parts of JSON Schema that the config's types use. */
interface TypeWords {
  readonly type?: 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'string';
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly form?: string;
}

const known = new WeakMap<z.core.$ZodType, string>();

/** Follows "expected", e.g. `a whole number from 1 to 4096`. */
export function expectation(schema: z.core.$ZodType): string {
  const words = known.get(schema) ?? expectationOf(schema);
  known.set(schema, words);
  return words;
}

function expectationOf(schema: z.core.$ZodType): string {
  const form = metaOf(schema).form;
  if (form !== undefined) return form;
  const words = z.toJSONSchema(typeOf(schema), { io: 'input' }) as TypeWords;
  if (words.enum !== undefined) return words.enum.length === 1 ? String(words.enum[0]) : l10n.t('one of {0}', words.enum.join(', '));
  if (words.const !== undefined) return String(words.const);
  switch (words.type) {
    case 'integer':
      return numberWords(l10n.t('a whole number'), words);
    case 'number':
      return numberWords(l10n.t('a number'), words);
    case 'boolean':
      return l10n.t('true or false');
    case 'array':
      return l10n.t('a list');
    case 'object':
      return l10n.t('a block of fields');
    case 'string':
    case undefined:
      break;
  }
  return l10n.t('text');
}

function numberWords(noun: string, words: TypeWords): string {
  const minimum = words.minimum === Number.MIN_SAFE_INTEGER ? undefined : words.minimum;
  const maximum = words.maximum === Number.MAX_SAFE_INTEGER ? undefined : words.maximum;
  if (minimum !== undefined && maximum !== undefined) return l10n.t('{0} from {1} to {2}', noun, minimum, maximum);
  const limits = [
    minimum === undefined ? '' : l10n.t('of at least {0}', minimum),
    words.exclusiveMinimum === undefined ? '' : l10n.t('above {0}', words.exclusiveMinimum),
    maximum === undefined ? '' : l10n.t('at most {0}', maximum),
    words.exclusiveMaximum === undefined ? '' : l10n.t('below {0}', words.exclusiveMaximum),
  ].filter((limit) => limit !== '');
  return limits.length === 0 ? noun : `${noun} ${limits.join(l10n.t(' and '))}`;
}

/** The plain values a field takes by name; empty when it takes none. */
export function namedValues(schema: z.core.$ZodType): readonly string[] {
  const type = typeOf(schema);
  if (type instanceof z.ZodEnum) return type.options.map(String);
  if (type instanceof z.ZodUnion) return type.options.flatMap(namedValues);
  return [];
}
