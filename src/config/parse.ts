/** From YAML to a tree with places. Errors become findings; what could be read is returned. */
import * as l10n from '@vscode/l10n';
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Alias, type Document, type Node, type Scalar, type YAMLMap } from 'yaml';
import { messageOf } from '../base/errors.ts';
import type { Path, Report } from './report.ts';
import { firstLine, type Place, type SourceFile } from './source.ts';
import type { Entry, MapNode, TreeNode } from './tree.ts';

/** Aliases can make a short text mean millions of values; no config comes near this. */
const mostNodes = 20_000;

class TooLargeError extends RangeError {}

/** The content of a config's text; undefined when it holds no map of fields. */
export function parseTree(source: SourceFile, report: Report): MapNode | undefined {
  let document: Document.Parsed;
  try {
    document = parseDocument(source.text, {
      prettyErrors: false,
      version: '1.2',
      logLevel: 'silent',
      // The reader below finds them, knows the field's name, and takes no time quadratic in their number.
      uniqueKeys: false,
    });
  } catch (error) {
    // Thousands of nested brackets exhaust the parser's stack.
    report.add('syntax', firstLine(source), [], l10n.t('This is not readable as YAML: {0}.', messageOf(error)));
    return undefined;
  }
  for (const problem of [...document.errors, ...document.warnings]) {
    const [start, end] = problem.pos;
    const place = { source, start, end: Math.max(end, start) };
    report.add('syntax', place, [], l10n.t('YAML: {0}.', problem.message.replace(/\.$/, '')));
  }
  if (document.contents === null) return { kind: 'map', place: firstLine(source), entries: new Map() };
  try {
    const tree = new Reader(source, report).read(document.contents, []);
    if (tree.kind === 'map') return { ...tree, place: firstLine(source) };
    if (tree.kind === 'scalar' && tree.value === null) return { kind: 'map', place: firstLine(source), entries: new Map() };
    report.add('wrong-type', firstLine(source), [], l10n.t('A config is a block of fields: experiment, dataset, stages.'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.add('too-large', firstLine(source), [], l10n.t('The file has more than {0} values, or nests too deeply.', mostNodes));
  }
  return undefined;
}

class Reader {
  readonly #source: SourceFile;
  readonly #report: Report;
  /** The node each alias means is the latest one before it with that anchor. */
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #count = 0;
  #depthOfAliases = 0;

  constructor(source: SourceFile, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  read(node: unknown, path: Path): TreeNode {
    if (++this.#count > mostNodes) throw new TooLargeError();
    if (isAlias(node)) return this.#readAlias(node, path);
    // A node that is read again, through an alias, does not stand here.
    if (isNode(node) && node.anchor !== undefined && this.#depthOfAliases === 0) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#readMap(node, path);
    if (isSeq(node)) return { kind: 'list', place: this.#place(node), items: node.items.map((item, index) => this.read(item, [...path, index])) };
    if (isScalar(node)) return { kind: 'scalar', place: this.#place(node), value: node.value };
    return { kind: 'scalar', place: firstLine(this.#source), value: null };
  }

  #readAlias(alias: Alias, path: Path): TreeNode {
    const target = this.#anchors.get(alias.source);
    const place = this.#place(alias);
    if (target !== undefined && !this.#open.has(target)) {
      this.#open.add(target);
      this.#depthOfAliases += 1;
      const value = this.read(target, path);
      this.#depthOfAliases -= 1;
      this.#open.delete(target);
      return { ...value, place };
    }
    // An alias without an anchor has been reported as a syntax error.
    if (target !== undefined) this.#report.add('alias-loop', place, path, l10n.t('The alias *{0} stands inside what it refers to.', alias.source));
    return { kind: 'scalar', place, value: null };
  }

  #readMap(map: YAMLMap, path: Path): MapNode {
    this.#open.add(map);
    const own = new Map<string, Entry>();
    const merged: TreeNode[] = [];
    for (const pair of map.items) {
      if (!isScalar(pair.key)) {
        const place = this.#place(pair.key as Node);
        this.#report.add('invalid-value', place, path, l10n.t('A field name is plain text, found a block or an alias.'));
        continue;
      }
      const key = this.#place(pair.key);
      const name = nameOf(pair.key);
      if (name === '__proto__') {
        this.#report.add('unknown-field', key, [...path, name], l10n.t("A field cannot be named '{0}'.", name));
      } else if (name === '<<') {
        const value = this.read(pair.value, path);
        merged.push(...(value.kind === 'list' ? value.items : [value]));
      } else if (own.has(name)) {
        this.#report.add('duplicate-field', key, [...path, name], l10n.t("The field '{0}' is there twice.", name));
      } else {
        own.set(name, { key, value: pair.value === null ? this.#empty(pair.key) : this.read(pair.value, [...path, name]) });
      }
    }
    this.#open.delete(map);
    return { kind: 'map', place: this.#place(map), entries: this.#merge(own, merged, path) };
  }

  /** A field of the map itself wins over a merged one, an earlier merged map over a later one. */
  #merge(own: Map<string, Entry>, merged: readonly TreeNode[], path: Path): Map<string, Entry> {
    for (const source of merged) {
      if (source.kind !== 'map') {
        this.#report.add('wrong-type', source.place, path, l10n.t('A merge key (<<) takes a block of fields or a list of them.'));
        continue;
      }
      for (const [name, entry] of source.entries) if (!own.has(name)) own.set(name, entry);
    }
    return own;
  }

  #empty(key: Scalar): TreeNode {
    const end = this.#place(key).end;
    return { kind: 'scalar', place: { source: this.#source, start: end, end }, value: null };
  }

  #place(node: Node): Place {
    const [start, end] = node.range ?? [0, 0];
    return { source: this.#source, start, end };
  }
}

/** A key as written: `1: x` is the field '1'. */
function nameOf(key: Scalar): string {
  if (typeof key.value === 'string') return key.value;
  return key.source ?? '';
}
