/** Values of a field: named ones, stages, anchors, and what lies on the disk. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { namedValues } from '../expectation.ts';
import { metaOf, typeOf } from '../field.ts';
import { formOf } from '../walk.ts';
import { anchorsOf } from './anchors.ts';
import type { CompletionContext, Proposal } from './completion.ts';
import { pathCompletions, sampleCompletions } from './completion-paths.ts';
import type { Cursor } from './cursor.ts';
import { documentation, fieldAt, fieldsAt, valueDocumentation, yamlText } from './documentation.ts';
import { stageEntries } from './outline.ts';
import { stageNamesOf, stageSummary } from './stages.ts';

export async function valueCompletions(context: CompletionContext, cursor: Cursor): Promise<Proposal[]> {
  const aliases = aliasProposals(context, cursor);
  if (cursor.path.at(-1) === '<<' || cursor.typed.startsWith('*')) return aliases;
  const declaration = fieldAt(cursor.path);
  if (declaration === undefined) return [];
  const named = declared(declaration, cursor);
  const found = metaOf(declaration).names;
  if (found === 'stage') return [...stages(context, cursor), ...aliases];
  if (found === 'sample') return [...(await sampleCompletions(context, cursor)), ...aliases];
  return [...named, ...(found === undefined ? [] : await pathCompletions(context, cursor, found)), ...aliases];
}

/** What the type says by itself. */
function declared(declaration: z.core.$ZodType, cursor: Cursor): Proposal[] {
  const { default: value, proposals = [], unit } = metaOf(declaration);
  const type = typeOf(declaration);
  const others = new Set(cursor.list?.items.map((item) => (item.value?.kind === 'scalar' && item.value !== cursor.node ? item.value.text : '')));
  const names = type instanceof z.ZodBoolean ? ['true', 'false'] : namedValues(declaration);
  const plain = names
    .filter((name) => !others.has(name))
    .map((name): Proposal => {
      const isDefault = name === String(value);
      return {
        label: name,
        kind: 'value',
        insert: name,
        ...(isDefault && { detail: l10n.t('default') }),
        documentation: valueDocumentation(declaration, name) ?? documentation(declaration),
        rank: isDefault ? 0 : 1,
      };
    });
  const numbers = [...new Set([...(typeof value === 'number' ? [value] : []), ...proposals])].map((number): Proposal => {
    const text = yamlText(number);
    const detail = number === value ? l10n.t('default') : unit;
    return { label: text, kind: 'value', insert: text, ...(detail !== undefined && { detail }), documentation: documentation(declaration), rank: number === value ? 0 : 1 };
  });
  const literal = type instanceof z.ZodLiteral ? [{ label: String(value), kind: 'value', insert: String(value), documentation: documentation(declaration) } as const] : [];
  const text = typeof value === 'string' && !names.includes(value) ? [{ label: value, kind: 'value', insert: value, detail: l10n.t('default'), documentation: documentation(declaration), rank: 0 } as const] : [];
  return [...plain, ...numbers, ...literal, ...text, ...blockForm(declaration, cursor)];
}

/** A field that takes a block as well: the block with the fields that it needs. */
function blockForm(declaration: z.core.$ZodType, cursor: Cursor): Proposal[] {
  const type = typeOf(declaration);
  const forms = type instanceof z.ZodUnion ? type.options : [type];
  return forms.flatMap((form): Proposal[] => {
    const common = { kind: 'snippet', isSnippet: true, continues: true, rank: 2, documentation: documentation(declaration) } as const;
    if (formOf(form) === 'list') return [{ ...common, label: '[ ]', insert: '[$0]', detail: l10n.t('a list') }];
    if (formOf(form) !== 'map') return [];
    const fields = Object.entries(fieldsAt(cursor.path) ?? {});
    const needed = fields.filter(([, field]) => !(field instanceof z.ZodOptional) || metaOf(field).needed === true);
    const inside = needed.map(([name, field], index) => {
      const values = namedValues(field);
      return values.length === 1 ? `${name}: ${values[0]!}` : `${name}: $${String(index + 1)}`;
    });
    return [{ ...common, label: '{ }', insert: inside.length === 0 ? '{ $0 }' : `{ ${inside.join(', ')}$0 }`, detail: l10n.t('a block of fields') }];
  });
}

/** Stages that may teach this one; the higher resolution of a teacher is checked elsewhere. */
function stages({ document, known }: CompletionContext, cursor: Cursor): Proposal[] {
  const self = cursor.path[1];
  const entries = new Map(stageEntries(document.outline).map((entry) => [entry.key.name, entry]));
  return stageNamesOf(document, known)
    .filter((name) => name !== self)
    .map((name) => {
      const entry = entries.get(name);
      const detail = entry === undefined ? l10n.t('from another file') : stageSummary(entry);
      return { label: name, kind: 'stage', insert: name, detail };
    });
}

/** Anchors of the same field, and all of them once a `*` is typed. */
function aliasProposals({ document }: CompletionContext, cursor: Cursor): Proposal[] {
  const isAsked = cursor.typed.startsWith('*') || cursor.path.at(-1) === '<<';
  return anchorsOf(document.outline)
    .filter(({ node, path, name }) => name.end < cursor.replace.start && (cursor.path.at(-1) === '<<' ? node.kind === 'map' : isAsked || path.at(-1) === cursor.path.at(-1)))
    .map(({ name, node }) => {
      const text = document.text.slice(node.start, node.end);
      const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
      return { label: `*${name.name}`, kind: 'anchor', insert: `*${name.name}`, detail: shown.replaceAll(/\s+/g, ' '), rank: 1 };
    });
}
