/** Fields that a block may have and does not have yet, required ones first, and whole blocks. */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { methodFields } from '../catalog/method-fields.ts';
import { coefficientsOf, methodNames, type MethodName } from '../catalog/methods.ts';
import { modelNames, models, type ModelName } from '../catalog/models.ts';
import { expectation, namedValues } from '../expectation.ts';
import { metaOf, typeOf } from '../field.ts';
import { formOf } from '../walk.ts';
import type { CompletionContext, Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { documentation, fieldAt, fieldsAt, yamlText } from './documentation.ts';
import { anchorsOf } from './anchors.ts';
import { entryOf, outlineAt, type Outline, type OutlineMap } from './outline.ts';
import { blockSnippets } from './snippets.ts';

export function keyCompletions(context: CompletionContext, cursor: Cursor): Proposal[] {
  const { document } = context;
  const { path, block, entry } = cursor;
  const fields = fieldsAt(path);
  const written = new Set(block?.entries.filter((each) => each !== entry || each.colon !== undefined).map((each) => each.key.name));
  // The key at the cursor is being rewritten, so it may be proposed itself.
  if (entry !== undefined && cursor.typed !== '') written.delete(entry.key.name);
  const snippets = entry?.colon === undefined ? blockSnippets(context, cursor) : [];
  if (fields === undefined) return snippets;
  const merged = block === undefined ? new Set<string>() : mergedNames(document.outline, block);
  const withoutEffect = uselessBeside(path, written);
  const known = fieldsOfChoice(document.outline, path);
  const proposals = Object.entries(fields)
    .filter(([name]) => !written.has(name) && !withoutEffect.has(name) && (known?.includes(name) ?? true))
    .map(([name, declaration]) => fieldProposal(name, declaration, cursor, { isMerged: merged.has(name), usual: usualWeight(document.outline, path, name) }));
  return [...proposals, ...mergeKey(document.outline, cursor, written), ...snippets];
}

function fieldProposal(name: string, declaration: z.core.$ZodType, cursor: Cursor, { isMerged, usual }: { readonly isMerged: boolean; readonly usual: number | undefined }): Proposal {
  const isRequired = !isMerged && (!(declaration instanceof z.ZodOptional) || metaOf(declaration).needed === true);
  const hasColon = cursor.entry?.colon !== undefined;
  const after = hasColon ? { insert: '', continues: false } : valueSnippet(declaration, cursor.style, usual);
  const isSnippet = after.insert.includes('$');
  return {
    label: name,
    kind: 'field',
    insert: name + after.insert,
    ...(isSnippet && { isSnippet }),
    detail: isRequired ? l10n.t('required: {0}', expectation(declaration)) : expectation(declaration),
    documentation: documentation(declaration),
    rank: isRequired ? 0 : isMerged ? 2 : 1,
    continues: after.continues,
  };
}

/** What follows a field's name: the colon, and a value or the room for one. */
function valueSnippet(declaration: z.core.$ZodType, style: Cursor['style'], usual: number | undefined): { insert: string; continues: boolean } {
  const type = typeOf(declaration);
  if (type instanceof z.ZodUnion) return { insert: ': ', continues: true };
  switch (formOf(type)) {
    case 'list':
      return { insert: ': [$0]', continues: true };
    case 'map': {
      const required = requiredFields(type);
      if (required.length > 0) return { insert: `: { ${required.map((field, index) => `${field.name}: ${field.value ?? `$${String(index + 1)}`}`).join(', ')} }`, continues: required[0]?.value === undefined };
      return { insert: style === 'flow' ? ': { $0 }' : ':\n  $0', continues: true };
    }
    case 'scalar': {
      const value = usual ?? metaOf(declaration).default;
      return typeof value === 'number' ? { insert: `: \${1:${yamlText(value)}}`, continues: false } : { insert: ': ', continues: true };
    }
  }
}

interface RequiredField {
  readonly name: string;
  /** The only value that it takes. */
  readonly value?: string;
}

function requiredFields(block: z.core.$ZodType): RequiredField[] {
  if (!(block instanceof z.ZodObject)) return [];
  const fields = Object.entries<z.core.$ZodType>(block.shape);
  return fields
    .filter(([, field]) => !(field instanceof z.ZodOptional) || metaOf(field).needed === true)
    .map(([name, field]) => {
      const values = namedValues(field);
      return { name, ...(values.length === 1 && { value: values[0]! }) };
    });
}

/** Weights and options belong to the stage's method, options of a model to the model: those that it has, where it is known. */
function fieldsOfChoice(outline: Outline, path: Cursor['path']): readonly string[] | undefined {
  const [, name, section, block] = path;
  if (path[0] !== 'stages' || name === undefined) return undefined;
  const stage = chosen(outline, name);
  if (section === 'model' && path.length === 3) return stage.model && ['name', ...Object.keys(models[stage.model].options.shape)];
  if (section !== 'distill' || path.length !== 4 || (block !== 'weights' && block !== 'options')) return undefined;
  return stage.method && methodFields(stage.method, block);
}

/** The paper's coefficient of a term, where method and model of the stage are known. */
function usualWeight(outline: Outline, path: Cursor['path'], term: string): number | undefined {
  if (path.length !== 4 || path[0] !== 'stages' || path[3] !== 'weights') return undefined;
  const { model, method } = chosen(outline, path[1]!);
  return model === undefined || method === undefined ? undefined : coefficientsOf(method, models[model].family)[term];
}

/** What a stage says of its model and its method. */
function chosen(outline: Outline, stage: string | number): { readonly model?: ModelName | undefined; readonly method?: MethodName | undefined } {
  const text = (...path: string[]): string | undefined => {
    const node = outlineAt(outline.root, ['stages', stage, ...path]);
    return node?.kind === 'scalar' && node.form !== 'alias' ? node.text : undefined;
  };
  const model = text('model') ?? text('model', 'name');
  const method = text('distill', 'method');
  return { model: modelNames.find((name) => name === model), method: methodNames.find((name) => name === method) };
}

/** Fields that a stage which is given does not take. */
function uselessBeside(path: Cursor['path'], written: ReadonlySet<string>): ReadonlySet<string> {
  if (path.length !== 2 || path[0] !== 'stages') return new Set();
  if (written.has('use')) return new Set(Object.keys(fieldsAt(path) ?? {}));
  if (written.has('checkpoint')) return new Set(['use', 'init', 'training', 'seed']);
  return new Set(written.size === 0 ? [] : ['use']);
}

/** Names that a block gets from `<<`. */
function mergedNames(outline: Outline, block: OutlineMap): Set<string> {
  const merge = entryOf(block, '<<')?.value;
  const aliases = merge?.kind === 'list' ? merge.items.map((item) => item.value) : [merge];
  const anchors = anchorsOf(outline);
  const names = new Set<string>();
  for (const alias of aliases) {
    if (alias?.kind !== 'scalar' || alias.form !== 'alias') continue;
    const target = anchors.find((anchor) => anchor.name.name === alias.text)?.node;
    if (target?.kind === 'map') for (const entry of target.entries) names.add(entry.key.name);
  }
  return names;
}

/** `<<: *student` where a stage like it is written before. */
function mergeKey(outline: Outline, cursor: Cursor, written: ReadonlySet<string>): Proposal[] {
  const declaration = fieldAt(cursor.path);
  const hasAnchors = anchorsOf(outline).some(({ node, path }) => node.kind === 'map' && path.length === cursor.path.length && node.end < cursor.replace.start);
  if (!hasAnchors || written.has('<<') || declaration === undefined || cursor.entry?.colon !== undefined) return [];
  return [{ label: '<<', kind: 'field', insert: '<<: *', detail: l10n.t('the fields of an anchored block'), rank: 2, continues: true }];
}
