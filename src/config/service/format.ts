/** One style of writing: two blanks a level, one blank inside of braces and after colons and commas. Comments stay, and so does the meaning. */
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { ConfigDocument, TextChange } from './document.ts';
import { changed } from './document.ts';
import { outlineOf, type Outline, type OutlineEntry, type OutlineNode } from './outline.ts';

/**
 * Changes of white space alone. None for a text with syntax errors, and none when the content would not stay as it is
 * (a guard: no such text is known).
 */
export function formatting({ text }: Pick<ConfigDocument, 'text'>): TextChange[] {
  const before = contentOf(text);
  if (before === undefined) return [];
  const result = tidied(text);
  if (result === text || before !== contentOf(result)) return [];
  return [{ start: 0, end: text.length, text: result }];
}

/** A text's content with its anchors and aliases as they are written; undefined for a text with errors. */
function contentOf(text: string): string | undefined {
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
    return document.errors.length > 0 ? undefined : JSON.stringify(plain(document.contents));
  } catch (error) {
    // Brackets nested by the thousand exhaust the parser's stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function plain(node: unknown): unknown {
  if (isAlias(node)) return { alias: node.source };
  if (isPair(node)) return [plain(node.key), plain(node.value)];
  if (isMap(node) || isSeq(node)) return { items: node.items.map(plain), anchor: node.anchor, tag: node.tag };
  return isScalar(node) ? { value: typeof node.value === 'number' ? String(node.value) : node.value, anchor: node.anchor, tag: node.tag } : node;
}

function tidied(text: string): string {
  const unified = text.replaceAll('\r\n', '\n');
  const spaced = changed(unified, spacing(outlineOf(unified)));
  const indented = reindented(spaced);
  const lines = indented.split('\n').map((line) => line.trimEnd());
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n').trim()}\n`;
}

/** Blanks between the tokens of a line. */
function spacing(outline: Outline): TextChange[] {
  const { text } = outline;
  const changes: TextChange[] = [];
  const blanks = (start: number, end: number, wanted: string) => {
    const found = text.slice(start, end);
    if (found !== wanted && /^[ \t]*$/.test(found)) changes.push({ start, end, text: wanted });
  };
  const entry = ({ key, colon, value }: OutlineEntry) => {
    if (colon === undefined) return;
    blanks(key.end, colon, '');
    const start = value?.anchor?.start ?? value?.start;
    if (start !== undefined) blanks(colon + 1, start, ' ');
    if (value?.anchor !== undefined) blanks(value.anchor.end, value.start, ' ');
    if (value !== undefined) node(value);
  };
  const node = (value: OutlineNode) => {
    if (value.kind === 'scalar') return;
    const parts = value.kind === 'map' ? value.entries : value.items;
    if (value.style === 'flow' && !value.isOpen) flow(value, parts.map((part) => ({ start: part.start, end: part.end })));
    if (value.kind === 'map') value.entries.forEach(entry);
    else for (const item of value.items) if (item.value !== undefined) node(item.value);
    if (value.kind === 'list' && value.style === 'block') for (const { start } of value.items) blanks(text.lastIndexOf('-', start - 1) + 1, start, ' ');
  };
  const flow = (value: OutlineNode, parts: readonly { start: number; end: number }[]) => {
    const inner = value.kind === 'map' ? ' ' : '';
    if (parts.length === 0) {
      blanks(value.start + 1, value.end - 1, '');
      return;
    }
    blanks(value.start + 1, parts[0]!.start, inner);
    blanks(parts.at(-1)!.end, value.end - 1, inner);
    for (const [index, { end }] of parts.slice(0, -1).entries()) {
      const comma = text.indexOf(',', end);
      const next = parts[index + 1]!.start;
      if (comma < 0 || comma >= next) continue;
      blanks(end, comma, '');
      blanks(comma + 1, next, ' ');
    }
  };
  outline.root.entries.forEach(entry);
  return changes;
}

/** Every block two blanks deeper than what it stands in; what belongs to no block keeps its distance to the line above. */
function reindented(text: string): string {
  const outline = outlineOf(text);
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  const wanted = new Map<number, number>();
  const lineOf = (offset: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const place = (offset: number, column: number) => {
    const line = lineOf(offset);
    if (text.slice(starts[line], offset).trim() === '') wanted.set(line, column);
  };
  const visit = (node: OutlineNode, column: number) => {
    if (node.kind === 'scalar') return;
    if (node.style === 'flow') {
      const parts = node.kind === 'map' ? node.entries : node.items;
      for (const part of parts) place(part.start, column + 2);
      place(node.end - 1, column);
    }
    if (node.kind === 'map') {
      for (const { key, value } of node.entries) {
        const own = node.style === 'block' ? column : column + 2;
        if (node.style === 'block') place(key.start, column);
        if (value !== undefined) visit(value, value.kind !== 'scalar' && value.style === 'block' ? column + 2 : own);
      }
    } else {
      for (const item of node.items) {
        const dash = text.lastIndexOf('-', item.start - 1);
        if (node.style === 'block') place(dash, column);
        if (item.value !== undefined) visit(item.value, column + 2);
      }
    }
  };
  visit(outline.root, 0);
  return shifted(text, starts, wanted);
}

function shifted(text: string, starts: readonly number[], wanted: ReadonlyMap<number, number>): string {
  const lines = starts.map((start, index) => text.slice(start, index + 1 < starts.length ? starts[index + 1]! - 1 : text.length));
  const result = lines.map((line, index) => ({ line, column: line.length - line.trimStart().length, target: wanted.get(index) }));
  return result
    .map(({ line, column, target }, index) => {
      if (line.trim() === '') return '';
      if (target !== undefined) return ' '.repeat(target) + line.trimStart();
      if (line.trimStart().startsWith('#')) {
        // A comment stands as what follows it does.
        const next = result.slice(index + 1).find((each) => each.target !== undefined || (each.line.trim() !== '' && !each.line.trimStart().startsWith('#')));
        if (next?.target !== undefined && next.column === column) return ' '.repeat(next.target) + line.trimStart();
        return ' '.repeat(Math.max(0, column + shiftBefore(result, index))) + line.trimStart();
      }
      return ' '.repeat(Math.max(0, column + shiftBefore(result, index))) + line.trimStart();
    })
    .join('\n');
}

/** How far the last line with a place of its own was moved. */
function shiftBefore(lines: readonly { column: number; target: number | undefined }[], index: number): number {
  for (let at = index; at >= 0; at--) {
    const { column, target } = lines[at]!;
    if (target !== undefined) return target - column;
  }
  return 0;
}
