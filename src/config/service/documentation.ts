/** What a field means, as Markdown for completion and hover. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { expectation } from '../expectation.ts';
import { metaOf, typeOf } from '../field.ts';
import { numberText } from '../number-text.ts';
import type { Path } from '../report.ts';
import { configSchema } from '../schema.ts';
import { alternative, declarationAt, formOf } from '../walk.ts';

/** The declaration of a config's field; undefined when there is none. */
export function fieldAt(path: Path): z.core.$ZodType | undefined {
  return path.length === 0 ? configSchema : declarationAt(configSchema, path);
}

/** The fields of the block at a path, in the schema's order; undefined for a block with free names and for anything else. */
export function fieldsAt(path: Path): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const declaration = fieldAt(path);
  const block = declaration === undefined ? undefined : alternative(declaration, 'map');
  return block instanceof z.ZodObject ? (block.shape) : undefined;
}

/** Description, and in a line of its own what is accepted, default, unit and source. */
export function documentation(declaration: z.core.$ZodType): string {
  const { description = '', default: value, unit, source } = metaOf(declaration);
  const facts = [
    formOf(declaration) === 'map' && metaOf(declaration).form === undefined ? '' : l10n.t('Accepts {0}.', expectation(declaration)),
    value === undefined ? '' : l10n.t('Default: {0}.', code(value)),
    unit === undefined ? '' : l10n.t('Unit: {0}.', unit),
    source === undefined ? '' : l10n.t('Source: {0}.', source),
  ].filter((fact) => fact !== '');
  return [description, facts.join(' ')].filter((part) => part !== '').join('\n\n');
}

/** Descriptions that explain each value (`default: …. paper: ….`) give the part about one of them. */
export function valueDocumentation(declaration: z.core.$ZodType, value: string): string | undefined {
  const { description = '' } = metaOf(declaration);
  const type = typeOf(declaration);
  if (!(type instanceof z.ZodEnum)) return undefined;
  const start = description.search(new RegExp(`(?:^|\\. )${escaped(value)}: `));
  if (start < 0) return undefined;
  const part = description.slice(description.indexOf(': ', start) + 2);
  const others = type.options.map((other) => part.search(new RegExp(`\\. ${escaped(String(other))}: `))).filter((at) => at >= 0);
  return sentence(part.slice(0, others.length === 0 ? part.length : Math.min(...others) + 1));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value as it would be written, in a code span. */
export function code(value: unknown): string {
  return `\`${yamlText(value)}\``;
}

/** A value as a person writes it in a config, on one line. */
export function yamlText(value: unknown): string {
  if (typeof value === 'number') return rateText(value);
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${yamlText(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** YAML 1.1, which other tools may read the file with, takes `2e-5` for a text and `2.0e-5` for a number. */
function rateText(value: number): string {
  return numberText(value).replace(/^(-?\d+)e/, '$1.0e');
}

/** Whether a text needs no quotes, in flow style either. */
export function isPlain(text: string): boolean {
  return /^[A-Za-z0-9_./~\\][^,[\]{}#:&*!|>'"%@`\n]*(?:#[^,[\]{}:'"\n ]+)?$/.test(text) && text.trimEnd() === text && !/^(?:true|false|null|~|[-+.\d][\d.eE+-]*)$/i.test(text);
}
