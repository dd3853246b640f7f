/**
 * The shape of a text that may be half-written: blocks, keys, values and their places, by indentation and brackets alone.
 * A YAML parser gives up, or sees something else, where a person is still typing; the features that act on the text
 * at the cursor (completion, symbols, folding, edits) read this. It never fails and takes time linear in the text.
 */
import { OutlineReader } from './outline-reader.ts';

/** Offsets in UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type OutlineNode = OutlineMap | OutlineList | OutlineScalar;

/** What may stand before a value: `&name`. */
interface Anchored extends Span {
  readonly anchor?: OutlineName;
}

export interface OutlineName extends Span {
  readonly name: string;
}

export interface OutlineMap extends Anchored {
  readonly kind: 'map';
  readonly style: 'block' | 'flow';
  /** Column of the keys; of a flow map the column of the block that it stands in. */
  readonly indent: number;
  readonly entries: readonly OutlineEntry[];
  /** A flow map whose bracket is not closed. */
  readonly isOpen: boolean;
}

export interface OutlineEntry extends Span {
  readonly key: OutlineName;
  /** Offset of the colon; absent while the key is being typed. */
  readonly colon?: number;
  /** Absent for an empty value. */
  readonly value?: OutlineNode;
}

export interface OutlineList extends Anchored {
  readonly kind: 'list';
  readonly style: 'block' | 'flow';
  readonly indent: number;
  /** Spans of items, brackets, dashes and commas left out; `value` is absent for an empty one. */
  readonly items: readonly OutlineItem[];
  readonly isOpen: boolean;
}

export interface OutlineItem extends Span {
  readonly value?: OutlineNode;
}

export interface OutlineScalar extends Anchored {
  readonly kind: 'scalar';
  /** The text without quotes; of an alias its name. */
  readonly text: string;
  readonly form: 'plain' | 'quoted' | 'lines' | 'alias';
}

export interface Outline {
  readonly text: string;
  readonly root: OutlineMap;
  /** From `#` to the line's end. */
  readonly comments: readonly Span[];
}

export function outlineOf(text: string): Outline {
  const reader = new OutlineReader(text);
  return { text, root: reader.readDocument(), comments: reader.comments };
}

type Steps = readonly (string | number)[];

/** The node at a path, own content only: aliases and merge keys are not followed. */
export function outlineAt(root: OutlineNode, path: Steps): OutlineNode | undefined {
  let node: OutlineNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = node.kind === 'map' ? entryOf(node, String(step))?.value : node.kind === 'list' ? node.items[Number(step)]?.value : undefined;
  }
  return node;
}

/** The entry at a path; undefined when it is not written, and for a list's item. */
export function entryAt(root: OutlineNode, path: Steps): OutlineEntry | undefined {
  const parent = outlineAt(root, path.slice(0, -1));
  return parent?.kind === 'map' ? entryOf(parent, String(path.at(-1))) : undefined;
}

export function entryOf(map: OutlineMap, name: string): OutlineEntry | undefined {
  return map.entries.find((entry) => entry.key.name === name);
}

/** The stages' entries, in their order. */
export function stageEntries(outline: Outline): readonly OutlineEntry[] {
  const stages = outlineAt(outline.root, ['stages']);
  return stages?.kind === 'map' ? stages.entries.filter(({ key, colon }) => colon !== undefined && key.name !== '<<') : [];
}

export interface Visited {
  readonly path: Steps;
  readonly entry?: OutlineEntry;
  readonly node?: OutlineNode;
}

/** Every entry and value with its path, in the order of the text. */
export function* walkOutline(node: OutlineNode, path: Steps = []): Generator<Visited> {
  if (node.kind === 'map') {
    for (const entry of node.entries) {
      const inner = [...path, entry.key.name];
      yield { path: inner, entry, ...(entry.value && { node: entry.value }) };
      if (entry.value !== undefined) yield* walkOutline(entry.value, inner);
    }
  } else if (node.kind === 'list') {
    for (const [index, { value }] of node.items.entries()) {
      if (value === undefined) continue;
      yield { path: [...path, index], node: value };
      yield* walkOutline(value, [...path, index]);
    }
  }
}
