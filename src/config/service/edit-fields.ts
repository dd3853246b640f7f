/** Writing and removing single fields in a text, in the style that stands around them; comments stay. */
import type { Path } from '../report.ts';
import type { ConfigDocument, TextChange } from './document.ts';
import { entryAt, outlineAt, type OutlineMap, type OutlineNode, type Span } from './outline.ts';

/**
 * Sets a field, and writes the blocks around it that are missing. `text` is YAML on one line.
 * Undefined where something else stands in a block's place, such as an alias.
 */
export function setField(document: ConfigDocument, path: Path, text: string): TextChange | undefined {
  const { root } = document.outline;
  const entry = entryAt(root, path);
  if (entry?.colon !== undefined) {
    if (entry.value === undefined) return { start: entry.colon + 1, end: entry.colon + 1, text: ` ${text}` };
    return { start: entry.value.start, end: entry.value.end, text };
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const nested = path.slice(depth + 1).reduceRight<string>((inner, key) => `{ ${String(key)}: ${inner} }`, text);
    const block: OutlineNode | undefined = outlineAt(root, path.slice(0, depth));
    if (block?.kind === 'map') return insertInto(document, block, `${String(path[depth])}: ${nested}`);
    if (block !== undefined) return undefined;
    const parent = entryAt(root, path.slice(0, depth));
    if (parent?.colon !== undefined) return { start: parent.colon + 1, end: parent.colon + 1, text: ` { ${String(path[depth])}: ${nested} }` };
  }
  return undefined;
}

/** Inserts `key: value` as a block's last entry. */
export function insertInto({ text }: ConfigDocument, block: OutlineMap, field: string): TextChange {
  const last = block.entries.at(-1);
  if (block.style === 'flow') {
    if (last !== undefined) return { start: last.end, end: last.end, text: `, ${field}` };
    const end = block.isOpen ? block.end : block.end - 1;
    return { start: block.start + 1, end, text: ` ${field} ` };
  }
  const end = lineEnd(text, last?.end ?? text.length);
  const indent = ' '.repeat(block.indent);
  if (last === undefined) return { start: end, end, text: `${text === '' || text.endsWith('\n') ? '' : '\n'}${field}\n` };
  return { start: end, end, text: `\n${indent}${field}` };
}

/** Removes a field, with its block when it was the only one in it. */
export function removeField(document: ConfigDocument, path: Path): TextChange | undefined {
  const { outline, text } = document;
  const entry = entryAt(outline.root, path);
  const block = outlineAt(outline.root, path.slice(0, -1));
  if (entry === undefined || block?.kind !== 'map') return undefined;
  if (block.entries.length === 1 && path.length > 1) return removeField(document, path.slice(0, -1));
  if (block.style === 'flow') return { ...flowSpan(block, block.entries.indexOf(entry)), text: '' };
  const start = text.lastIndexOf('\n', entry.start - 1) + 1;
  // The first field of a list's item stands behind the dash.
  if (text.slice(start, entry.start).trim() !== '') return undefined;
  return { start, end: Math.min(lineEnd(text, entry.end) + 1, text.length), text: '' };
}

/** An entry of a flow map with the comma that it does not need to leave. */
function flowSpan({ entries }: OutlineMap, index: number): Span {
  const entry = entries[index]!;
  const next = entries[index + 1];
  if (next !== undefined) return { start: entry.start, end: next.start };
  const before = entries[index - 1];
  return { start: before?.end ?? entry.start, end: entry.end };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  const found = end < 0 ? text.length : end;
  return text[found - 1] === '\r' ? found - 1 : found;
}
