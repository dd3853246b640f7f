/** What a person is typing: which field's key or value stands at an offset, in whole and in half-written text. */
import type { Path } from '../report.ts';
import type { Outline, OutlineEntry, OutlineItem, OutlineList, OutlineMap, OutlineNode, Span } from './outline.ts';

export interface Cursor {
  /** `key`: a field of the block at `path`. `value`: the value of the field, or of the list's item, at `path`. */
  readonly at: 'key' | 'value';
  readonly path: Path;
  /** What is replaced: the word at the cursor, empty where there is none yet. */
  readonly replace: Span;
  /** The part of the word before the cursor. */
  readonly typed: string;
  readonly style: 'block' | 'flow';
  /** Column of the block's keys; of a value the column of its key. */
  readonly indent: number;
  /** The block that the key belongs to; absent while it has no fields. */
  readonly block?: OutlineMap;
  /** The entry at the cursor; absent for a new one. */
  readonly entry?: OutlineEntry;
  /** The value at the cursor; absent while it is empty. */
  readonly node?: OutlineNode;
  /** The list whose item it is. */
  readonly list?: OutlineList;
  /** The cursor stands right behind a colon or a dash: what is inserted needs a blank before it. */
  readonly needsBlank: boolean;
}

/** Undefined in a comment, and where nothing can be written. */
export function cursorAt(outline: Outline, offset: number): Cursor | undefined {
  if (outline.comments.some(({ start, end }) => start < offset && offset <= end)) return undefined;
  return inMap(outline, outline.root, offset, []);
}

function inNode(outline: Outline, node: OutlineNode, offset: number, path: Path, entry: OutlineEntry | undefined): Cursor | undefined {
  switch (node.kind) {
    case 'map':
      return inMap(outline, node, offset, path);
    case 'list':
      return inList(outline, node, offset, path);
    case 'scalar':
      return value(outline, node, offset, path, entry);
  }
}

function inMap(outline: Outline, map: OutlineMap, offset: number, path: Path): Cursor | undefined {
  return map.style === 'flow' ? inFlowMap(outline, map, offset, path) : inBlockMap(outline, map, offset, path);
}

function inFlowMap(outline: Outline, map: OutlineMap, offset: number, path: Path): Cursor | undefined {
  if (offset <= map.start || (offset >= map.end && !map.isOpen)) return undefined;
  const entry = map.entries.find((each, index) => each.start <= offset && offset <= reach(outline, each, map.entries[index + 1]?.start ?? map.end));
  if (entry === undefined) return { at: 'key', path, replace: { start: offset, end: offset }, typed: '', style: 'flow', indent: map.indent, block: map, needsBlank: false };
  return inEntry(outline, map, entry, offset, path);
}

/** How far an entry of a flow collection goes: to the comma, the bracket or the line's end behind it. */
function reach({ text }: Outline, entry: Span, limit: number): number {
  let end = entry.end;
  while (end < limit && (text[end] === ' ' || text[end] === '\t')) end += 1;
  return end;
}

function inBlockMap(outline: Outline, map: OutlineMap, offset: number, path: Path): Cursor | undefined {
  const { text } = outline;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const column = offset - lineStart;
  const isBlank = text.slice(lineStart, offset).trim() === '' && /^[ \t]*(?:\r?\n|$)/.test(text.slice(offset));
  const entry = map.entries.findLast((each) => each.start <= offset);
  if (entry === undefined) return isBlank && (column === map.indent || map.entries.length === 0) ? newKey(map, offset, path, column) : undefined;
  const inside = [...path, entry.key.name];
  if (isBlank) {
    const nested = entry.value;
    // Inside of a bracket that goes over several lines.
    if (nested !== undefined && nested.kind !== 'scalar' && nested.style === 'flow' && offset > nested.start && (offset < nested.end || nested.isOpen)) return inNode(outline, nested, offset, inside, entry);
    if (column === map.indent) return newKey(map, offset, path, column);
    if (column < map.indent || entry.colon === undefined) return undefined;
    if (nested === undefined || (nested.kind === 'scalar' && nested.text === '')) return newKey(undefined, offset, inside, column);
    return nested.kind === 'scalar' ? undefined : inNode(outline, nested, offset, inside, entry);
  }
  const sameLine = text.lastIndexOf('\n', entry.end - 1) < offset && !text.slice(entry.end, offset).includes('\n');
  if (offset > entry.end && !sameLine) return undefined;
  return inEntry(outline, map, entry, offset, path);
}

function newKey(block: OutlineMap | undefined, offset: number, path: Path, indent: number): Cursor {
  return { at: 'key', path, replace: { start: offset, end: offset }, typed: '', style: 'block', indent, ...(block && { block }), needsBlank: false };
}

function inEntry(outline: Outline, map: OutlineMap, entry: OutlineEntry, offset: number, path: Path): Cursor | undefined {
  const { key, colon } = entry;
  if (offset < key.start) return undefined;
  if (colon === undefined || offset <= colon) {
    const isBehind = offset > key.end;
    // Behind a finished word without a colon: the next would be a second word of the same key.
    if (isBehind && colon !== undefined) return undefined;
    const replace = isBehind ? { start: offset, end: offset } : { start: key.start, end: key.end };
    return { at: 'key', path, replace, typed: outline.text.slice(replace.start, offset), style: map.style, indent: map.indent, block: map, entry, needsBlank: false };
  }
  const inside = [...path, key.name];
  const node = entry.value;
  if (node === undefined || offset < node.start || (node.kind === 'scalar' && node.text === '')) {
    if (node !== undefined && node.kind !== 'scalar' && node.style === 'block') return undefined;
    return emptyValue(outline, entry, offset, inside, map.style, map.indent);
  }
  const found = inNode(outline, node, offset, inside, entry);
  return found === undefined ? undefined : found.path.length === inside.length && found.at === 'value' ? { ...found, style: map.style, indent: map.indent } : found;
}

function emptyValue(outline: Outline, entry: OutlineEntry, offset: number, path: Path, style: 'block' | 'flow', indent: number): Cursor | undefined {
  // The value of a block's field begins on the field's line.
  if (style === 'block' && outline.text.slice(entry.colon, offset).includes('\n')) return undefined;
  const needsBlank = offset === (entry.colon ?? -2) + 1;
  return { at: 'value', path, replace: { start: offset, end: offset }, typed: '', style, indent, entry, needsBlank };
}

function inList(outline: Outline, list: OutlineList, offset: number, path: Path): Cursor | undefined {
  const { text } = outline;
  if (list.style === 'flow' && (offset <= list.start || (offset >= list.end && !list.isOpen))) return undefined;
  const index = list.items.findIndex((item, at) => item.start <= offset && offset <= (list.style === 'flow' ? reach(outline, item, list.items[at + 1]?.start ?? list.end) : item.end));
  const item: OutlineItem | undefined = list.items[index];
  if (item?.value !== undefined) {
    const found = inNode(outline, item.value, offset, [...path, index], undefined);
    return found?.at === 'value' && found.node === item.value ? { ...found, list, style: list.style, indent: list.indent } : found;
  }
  const isAfterDash = /-[ \t]*$/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset));
  if (list.style === 'block' && !isAfterDash) return undefined;
  const before = list.items.filter(({ start, value: filled }) => start < offset && filled !== undefined).length;
  const needsBlank = list.style === 'block' && text[offset - 1] === '-';
  return { at: 'value', path: [...path, before], replace: { start: offset, end: offset }, typed: '', style: list.style, indent: list.indent, list, needsBlank };
}

function value({ text }: Outline, node: OutlineNode, offset: number, path: Path, entry: OutlineEntry | undefined): Cursor | undefined {
  if (offset < node.start || offset > node.end) return undefined;
  const replace = { start: node.start, end: node.end };
  return { at: 'value', path, replace, typed: text.slice(node.start, offset), style: 'block', indent: 0, ...(entry && { entry }), node, needsBlank: false };
}
