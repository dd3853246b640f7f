/** The reference page and the JSON Schema of the config, made from the schema. */
import * as z from 'zod';
import { methodNames, methods, type MethodName } from './catalog/methods.ts';
import { diagnosticCodes } from './diagnostic.ts';
import { expectation } from './expectation.ts';
import { metaOf, typeOf, type FieldMeta } from './field.ts';
import { numberText } from './number-text.ts';
import { configSchema } from './schema.ts';

const ownWords = ['unit', 'source', 'form', 'names', 'needed', 'otherNames', 'proposals', 'planned', 'plannedFields', 'plannedBlock'] satisfies (keyof FieldMeta)[];

/** For editors without this extension. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    override({ jsonSchema }) {
      for (const own of ownWords) Reflect.deleteProperty(jsonSchema, own);
    },
  });
}

/** `docs/config.md`. */
export function configReference(): string {
  return [
    '# The config file',
    '',
    '<!-- Made from src/config/schema.ts by test/config/reference.test.ts: do not edit. -->',
    '',
    'An experiment is a YAML file `NAME.scrkd.yaml`: a dataset and a graph of stages. Only `experiment`, `dataset` and `stages` are required.',
    'Paths are relative to the file they are written in. `NAME` below stands for any name.',
    '',
    '## Fields',
    '',
    '| Field | Accepts | Default | Meaning |',
    '|---|---|---|---|',
    ...rows(configSchema, ''),
    '',
    '## Methods',
    '',
    'Each has its terms with their weights (for PSPNet / SegFormer / TransXNet) and its options. How to add one: [adding-a-method.md](adding-a-method.md).',
    '',
    '| `method` | What it is | Terms and weights | Temperature | Options | Source |',
    '|---|---|---|---|---|---|',
    ...methodNames.map(methodRow),
    '',
    'What `scrkd check` and the editor say about a config is explained in [diagnostics.md](diagnostics.md).',
    '',
  ].join('\n');
}

function methodRow(name: MethodName): string {
  const { description, terms, temperature, options, source } = methods[name];
  const values = (byFamily: Readonly<Record<string, number>>): string => (new Set(Object.values(byFamily)).size === 1 ? [Object.values(byFamily)[0]!] : Object.values(byFamily)).map(numberText).join(' / ');
  const weights = Object.entries(terms).map(([term, { weights: byFamily }]) => `\`${term}\` ${values(byFamily)}`);
  return `| \`${name}\` | ${description} | ${weights.join(', ')} | ${temperature === undefined ? '' : values(temperature)} | ${Object.keys(options.shape).map((option) => `\`${option}\``).join(', ')} | ${source} |`;
}

/** `docs/diagnostics.md`: a section for each code, so that a finding can link to it. */
export function diagnosticsReference(fixable: ReadonlySet<string>): string {
  const sections = Object.entries(diagnosticCodes).flatMap(([code, { severity, meaning, advice }]) => [
    `## ${code}`,
    '',
    `*${severity}${fixable.has(code) ? ', with a quick fix' : ''}.* ${meaning}`,
    '',
    advice,
    '',
  ]);
  return [
    '# What is said about a config',
    '',
    '<!-- Made from src/config/diagnostic.ts by test/config/reference.test.ts: do not edit. -->',
    '',
    '`scrkd check CONFIG…` and the editor say the same. With errors nothing is trained; warnings and information stop nothing.',
    'A code is never renamed: rules of a CI can decide by it (`--json`, `--sarif`).',
    '',
    ...sections,
  ].join('\n');
}

function rows(schema: z.core.$ZodType, prefix: string): string[] {
  const type = typeOf(schema);
  if (type instanceof z.ZodUnion) return type.options.flatMap((option) => rows(option, prefix));
  if (type instanceof z.ZodRecord) return [row(type.valueType, `${prefix}NAME`), ...rows(type.valueType, `${prefix}NAME.`)];
  if (!(type instanceof z.ZodObject)) return [];
  const fields = type.shape as Record<string, z.core.$ZodType>;
  // The recipe of a single stage has the fields of the shared one.
  if (prefix.endsWith('NAME.training.')) return [];
  return Object.entries(fields).flatMap(([name, field]) => [row(field, prefix + name), ...rows(field, `${prefix}${name}.`)]);
}

function row(field: z.core.$ZodType, path: string): string {
  const { default: value, description = '', source, unit } = metaOf(field);
  const accepts = unit === undefined ? expectation(field) : `${expectation(field)} (${unit})`;
  const meaning = source === undefined ? description : `${description} (${source})`;
  return `| \`${path}\` | ${accepts.replaceAll('|', '\\|')} | ${shownDefault(value)} | ${meaning.replaceAll('|', '\\|')} |`;
}

function shownDefault(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return `\`${numberText(value)}\``;
  return typeof value === 'string' ? `\`${value}\`` : `\`${JSON.stringify(value)}\``;
}
