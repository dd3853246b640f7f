/** Stages and anchors by name: where they are defined and used, in this config and in those that refer to it; renaming. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { Range } from '../diagnostic.ts';
import { ScrkdError } from '../../base/errors.ts';
import { metaOf } from '../field.ts';
import { beside } from '../load.ts';
import { aliasesOf, anchorsOf } from './anchors.ts';
import { configDocument, spanRange, type ConfigDocument, type FileEdit } from './document.ts';
import { fieldAt } from './documentation.ts';
import { entryAt, outlineAt, stageEntries, walkOutline, type Span } from './outline.ts';
import type { EditorProviders } from './providers.ts';

export interface Location {
  readonly file: string;
  readonly range: Range;
}

/** A place at which a name is written. */
export interface Occurrence extends Location {
  readonly isDefinition: boolean;
}

export class RenameError extends ScrkdError<'not-a-name' | 'taken'> {
  readonly reason;
  constructor(reason: 'not-a-name' | 'taken', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What the name at an offset means. */
export type Target =
  | { readonly kind: 'stage'; readonly file: string; readonly name: string; readonly span: Span }
  | { readonly kind: 'anchor'; readonly name: string; readonly span: Span }
  | { readonly kind: 'file'; readonly file: string; readonly span: Span };

export function targetAt(document: ConfigDocument, offset: number): Target | undefined {
  const isIn = ({ start, end }: Span) => start <= offset && offset <= end;
  const anchor = anchorsOf(document.outline).find(({ name }) => isIn(name));
  if (anchor !== undefined) return { kind: 'anchor', name: anchor.name.name, span: { start: anchor.name.start + 1, end: anchor.name.end } };
  const alias = aliasesOf(document.outline).find(({ node }) => isIn(node));
  if (alias !== undefined) return { kind: 'anchor', name: alias.node.text, span: { start: alias.node.start + 1, end: alias.node.end } };
  const reference = stageNames(document).find(({ span }) => isIn(span));
  if (reference !== undefined) return { kind: 'stage', file: reference.file, name: reference.name, span: reference.span };
  const file = filesNamed(document).find(({ span }) => isIn(span));
  return file && { kind: 'file', ...file };
}

interface StageName {
  readonly name: string;
  readonly span: Span;
  readonly isDefinition: boolean;
  /** The config whose stage it is. */
  readonly file: string;
}

/** Every stage's name in a text: keys of `stages`, `from`, and the end of `use`. */
function stageNames(document: ConfigDocument): StageName[] {
  const names: StageName[] = stageEntries(document.outline).map(({ key }) => ({ name: key.name, span: unquoted(document, key), isDefinition: true, file: document.path }));
  for (const { path: field, node } of walkOutline(document.outline.root)) {
    if (node?.kind !== 'scalar' || (node.form !== 'plain' && node.form !== 'quoted')) continue;
    const declaration = fieldAt(field);
    const kind = declaration === undefined ? undefined : metaOf(declaration).names;
    const { start, end } = unquoted(document, node);
    if (kind === 'stage') names.push({ name: node.text, span: { start, end }, isDefinition: false, file: document.path });
    const mark = kind === 'config-stage' ? node.text.lastIndexOf('#') : -1;
    if (mark >= 0) names.push({ name: node.text.slice(mark + 1), span: { start: start + mark + 1, end }, isDefinition: false, file: beside(document.path, node.text.slice(0, mark)) });
  }
  return names;
}

function filesNamed(document: ConfigDocument): { file: string; span: Span }[] {
  const files: { file: string; span: Span }[] = [];
  for (const { path: field, node } of walkOutline(document.outline.root)) {
    const declaration = node?.kind === 'scalar' ? fieldAt(field) : undefined;
    const kind = declaration === undefined ? undefined : metaOf(declaration).names;
    if (node?.kind !== 'scalar' || (kind !== 'config' && kind !== 'config-stage')) continue;
    files.push({ file: beside(document.path, node.text.replace(/#[^#]*$/, '')), span: node });
  }
  return files;
}

function unquoted({ text }: ConfigDocument, { start, end }: Span): Span {
  const isQuoted = /["']/.test(text[start] ?? '') && end - start > 1;
  return isQuoted ? { start: start + 1, end: end - 1 } : { start, end };
}

/** The file's beginning for a path; the defining key for a stage, its own config's first; the anchor for an alias. */
export async function definitions(document: ConfigDocument, offset: number, providers: EditorProviders): Promise<Location[]> {
  const target = targetAt(document, offset);
  if (target === undefined) return [];
  if (target.kind === 'file') return [{ file: target.file, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } }];
  const found = await occurrences(document, target, providers);
  const own = target.kind === 'stage' ? found.filter(({ file, isDefinition }) => isDefinition && file === target.file) : [];
  return (own.length > 0 ? own : found.filter(({ isDefinition }) => isDefinition)).map(({ file, range }) => ({ file, range }));
}

export async function references(document: ConfigDocument, offset: number, providers: EditorProviders): Promise<Occurrence[]> {
  const target = targetAt(document, offset);
  return target === undefined || target.kind === 'file' ? [] : occurrences(document, target, providers);
}

/**
 * The edits that give a stage or an anchor another name everywhere.
 * @throws {RenameError} `not-a-name`, `taken`
 */
export async function rename(document: ConfigDocument, offset: number, newName: string, providers: EditorProviders): Promise<FileEdit[]> {
  const target = targetAt(document, offset);
  if (target === undefined || target.kind === 'file') return [];
  const isName = target.kind === 'anchor' ? /^[^\s,[\]{}]+$/.test(newName) : isStageName(newName);
  if (!isName) throw new RenameError('not-a-name', l10n.t("'{0}' cannot be a name: expected letters, digits, . _ and -.", newName));
  const found = await occurrences(document, target, providers);
  const taken = target.kind === 'anchor' ? anchorsOf(document.outline).some(({ name }) => name.name === newName) : await isStageTaken(document, target, newName, providers);
  if (newName !== target.name && taken) throw new RenameError('taken', l10n.t("There is already a '{0}'.", newName));
  return found.map(({ file, range }) => ({ file, range, newText: newName }));
}

function isStageName(name: string): boolean {
  const stages = fieldAt(['stages']);
  return stages instanceof z.ZodRecord && z.safeParse(stages.keyType, name).success;
}

async function isStageTaken(document: ConfigDocument, { file }: Target & { kind: 'stage' }, newName: string, providers: EditorProviders): Promise<boolean> {
  const family = new Configs(document, providers);
  for (const each of await family.chain(file)) if (entryAt(each.outline.root, ['stages', newName]) !== undefined) return true;
  return false;
}

async function occurrences(document: ConfigDocument, target: Exclude<Target, { kind: 'file' }>, providers: EditorProviders): Promise<Occurrence[]> {
  if (target.kind === 'anchor') {
    const anchors = anchorsOf(document.outline).filter(({ name }) => name.name === target.name);
    const aliases = aliasesOf(document.outline).filter(({ node }) => node.text === target.name);
    const spans = [...anchors.map(({ name }) => ({ span: name, isDefinition: true })), ...aliases.map(({ node }) => ({ span: node, isDefinition: false }))];
    return spans.map(({ span, isDefinition }) => ({ file: document.path, range: spanRange(document, { start: span.start + 1, end: span.end }), isDefinition }));
  }
  const configs = new Configs(document, providers);
  const members = await configs.family(target.file, target.name);
  const files = new Set(members.map((member) => member.path));
  const all = new Map([...members, ...(await configs.all())].map((each) => [each.path, each]));
  return [...all.values()].flatMap((config) =>
    stageNames(config)
      .filter(({ name, file }) => name === target.name && files.has(file))
      .map(({ span, isDefinition }) => ({ file: config.path, range: spanRange(config, span), isDefinition })),
  );
}

/** The configs around one, each read once. */
class Configs {
  readonly #documents = new Map<string, ConfigDocument | undefined>();
  readonly #providers: EditorProviders;

  constructor(document: ConfigDocument, providers: EditorProviders) {
    this.#documents.set(path.normalize(document.path), document);
    this.#providers = providers;
  }

  async read(file: string): Promise<ConfigDocument | undefined> {
    const key = path.normalize(file);
    if (!this.#documents.has(key)) {
      const text = await this.#providers.readText?.(file).catch(() => undefined);
      this.#documents.set(key, text === undefined ? undefined : configDocument(key, text));
    }
    return this.#documents.get(key);
  }

  async all(): Promise<ConfigDocument[]> {
    const files = (await this.#providers.configFiles?.().catch(() => undefined)) ?? [];
    const documents = await Promise.all(files.map((file) => this.read(file)));
    return documents.filter((document) => document !== undefined);
  }

  /** A config and those that it extends, the nearest first. */
  async chain(file: string): Promise<ConfigDocument[]> {
    const chain: ConfigDocument[] = [];
    for (let next: string | undefined = file; next !== undefined && chain.length < 64; ) {
      const document: ConfigDocument | undefined = await this.read(next);
      if (document === undefined || chain.includes(document)) break;
      chain.push(document);
      const base = outlineAt(document.outline.root, ['extends']);
      next = base?.kind === 'scalar' && base.text !== '' ? beside(document.path, base.text) : undefined;
    }
    return chain;
  }

  /** The configs in which a stage's name means one and the same stage: that which introduces it and those that extend it. */
  async family(file: string, stage: string): Promise<ConfigDocument[]> {
    const chain = await this.chain(file);
    const root = chain.findLast((document) => entryAt(document.outline.root, ['stages', stage]) !== undefined) ?? chain[0];
    if (root === undefined) return [];
    const members = [...chain.slice(0, chain.indexOf(root) + 1)];
    for (const document of await this.all()) {
      if (!members.includes(document) && (await this.chain(document.path)).includes(root)) members.push(document);
    }
    return members;
  }
}
