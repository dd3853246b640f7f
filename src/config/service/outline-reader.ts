/** Blocks by their indentation. See ./outline.ts. */
import { FlowReader } from './outline-flow.ts';
import { deepest, type Properties } from './outline-tokens.ts';
import { isCommentAt, isKeyAt, isSeparator, lineEnd, plainEnd, trimmedEnd } from './outline-scan.ts';
import type { OutlineEntry, OutlineItem, OutlineList, OutlineMap, OutlineNode } from './outline.ts';

interface Line {
  readonly start: number;
  /** First character that is not white space. */
  readonly content: number;
  readonly indent: number;
}

export class OutlineReader extends FlowReader {
  readDocument(): OutlineMap {
    if (this.text.startsWith('\uFEFF')) this.at = 1;
    const entries: OutlineEntry[] = [];
    // A document in brackets, or several documents: what follows a block that ended early is read as well.
    for (;;) {
      const line = this.nextLine();
      if (line === undefined) break;
      const first = this.text[line.content]!;
      if (first === '{' || first === '[') {
        this.at = line.content;
        const node = this.readFlow(-1, {});
        if (node.kind === 'map' && entries.length === 0 && this.nextLine() === undefined) return node;
        if (node.kind === 'map') entries.push(...node.entries);
        continue;
      }
      const before = this.at;
      entries.push(...this.readBlockMap(line.indent, {}).entries);
      if (this.at === before) this.at = lineEnd(this.text, this.at) + 1;
    }
    return { kind: 'map', style: 'block', indent: 0, entries, start: 0, end: this.text.length, isOpen: false };
  }

  /** The next line with content at or after the position; comments before it are kept. The position moves to its start. */
  private nextLine(): Line | undefined {
    const text = this.text;
    while (this.at < text.length) {
      let start = this.at;
      while (start > 0 && text[start - 1] !== '\n') start -= 1;
      // The rest of a line that was already read is white space or a comment.
      let content = this.at;
      while (text[content] === ' ' || text[content] === '\t' || text[content] === '\r') content += 1;
      const character = text[content];
      if (character === undefined) break;
      const isMarker = content === start && /^(?:---(?:\s|$)|\.\.\.(?:\s|$)|%)/.test(text.slice(start, start + 4));
      if (character === '#') this.comments.push({ start: content, end: trimmedEnd(this.text, content) });
      if (character !== '\n' && character !== '#' && !isMarker) {
        const indent = content - start;
        return { start, content, indent };
      }
      this.at = lineEnd(this.text, content) + 1;
    }
    this.at = text.length;
    return undefined;
  }

  private readBlockMap(indent: number, properties: Properties): OutlineMap {
    const entries: OutlineEntry[] = [];
    let start: number | undefined;
    let end = this.at;
    this.depth += 1;
    for (let line = this.nextLine(); line !== undefined; line = this.nextLine()) {
      if (line.indent < indent) break;
      start ??= line.content;
      this.at = line.content;
      // A deeper line that belongs to no entry is a value's continuation, or mistaken indentation: neither adds a key.
      const entry = this.readEntry(line.indent);
      // White space of other kinds, such as a byte order mark within the text, makes an entry of no length.
      this.at = Math.max(this.at, line.content + 1);
      if (line.indent === indent || entry.colon !== undefined) entries.push(entry);
      end = entry.end;
    }
    this.depth -= 1;
    return { kind: 'map', style: 'block', indent, entries, start: start ?? end, end, isOpen: false, ...properties };
  }

  /** `key: value` at the position, or as much of it as there is. */
  private readEntry(indent: number): OutlineEntry {
    const start = this.at;
    const key = this.readKey();
    this.skipBlanks();
    if (this.text[this.at] !== ':' || !isSeparator(this.text, this.at + 1)) {
      const end = plainEnd(this.text, start);
      this.at = this.skipComment(end);
      return { key: { name: this.text.slice(start, end), start, end }, start, end };
    }
    const colon = this.at;
    this.at += 1;
    const value = this.readValue(indent);
    const end = value?.end ?? colon + 1;
    return { key, colon, ...(value && { value }), start, end };
  }

  /** The value after a block entry's colon, or after a dash; undefined when it is empty. */
  private readValue(indent: number, owner: 'key' | 'dash' = 'key'): OutlineNode | undefined {
    this.skipBlanks();
    const properties = this.readProperties();
    const character = this.text[this.at];
    if (character === undefined || character === '\n' || character === '\r' || isCommentAt(this.text, this.at)) return this.readNested(indent, properties, owner);
    if (character === '{' || character === '[') return this.readFlow(indent, properties);
    if (character === '|' || character === '>') return this.readLines(indent, properties);
    return this.readScalar(properties);
  }

  /** A block on the lines below, deeper than its key or dash; the list of a key may stand at the key's own column. */
  private readNested(indent: number, properties: Properties, owner: 'key' | 'dash'): OutlineNode | undefined {
    const before = this.at;
    this.at = this.skipComment(this.at);
    const position = this.at;
    const commentsBefore = this.comments.length;
    const line = this.nextLine();
    const isDash = line !== undefined && this.text[line.content] === '-' && isSeparator(this.text, line.content + 1);
    const isInside = line !== undefined && (line.indent > indent || (isDash && line.indent === indent && owner === 'key'));
    if (line === undefined || !isInside || this.depth >= deepest) {
      // Read again by whom they belong to.
      this.comments.length = commentsBefore;
      this.at = position;
      return properties.anchor === undefined ? undefined : { kind: 'scalar', text: '', form: 'plain', start: before, end: before, ...properties };
    }
    if (isDash) return this.readBlockList(line.indent, properties);
    if (isKeyAt(this.text, line.content)) return this.readBlockMap(line.indent, properties);
    const first = this.text[line.content];
    if (first === '{' || first === '[') {
      this.at = line.content;
      return this.readFlow(indent, properties);
    }
    if (first === '"' || first === "'" || first === '*' || first === '&') {
      this.at = line.content;
      return this.readValue(indent);
    }
    // A word alone: a key being typed, or a text; who asks knows which is expected.
    return this.readBlockMap(line.indent, properties);
  }

  private readBlockList(indent: number, properties: Properties): OutlineList {
    const items: OutlineItem[] = [];
    let start: number | undefined;
    let end = this.at;
    this.depth += 1;
    for (let line = this.nextLine(); line !== undefined; line = this.nextLine()) {
      const isDash = this.text[line.content] === '-' && isSeparator(this.text, line.content + 1);
      if (line.indent !== indent || !isDash) break;
      start ??= line.content;
      this.at = line.content + 1;
      this.skipBlanks();
      const itemStart = this.at;
      const column = itemStart - line.start;
      const value = isKeyAt(this.text, itemStart) ? this.readBlockMap(column, {}) : this.readValue(indent, 'dash');
      end = value?.end ?? itemStart;
      items.push({ start: itemStart, end, ...(value && { value }) });
    }
    this.depth -= 1;
    return { kind: 'list', style: 'block', indent, items, start: start ?? end, end, isOpen: false, ...properties };
  }

  /** `|` or `>` and the deeper lines below. */
  private readLines(indent: number, properties: Properties): OutlineNode {
    const start = this.at;
    let end = trimmedEnd(this.text, start);
    this.at = lineEnd(this.text, start) + 1;
    while (this.at < this.text.length) {
      const next = lineEnd(this.text, this.at);
      const line = this.text.slice(this.at, next);
      const column = line.search(/\S/);
      if (column >= 0 && column <= indent) break;
      if (column >= 0) end = trimmedEnd(this.text, this.at);
      this.at = next + 1;
    }
    this.at = Math.min(this.at, this.text.length);
    return { kind: 'scalar', text: this.text.slice(start, end), form: 'lines', start, end, ...properties };
  }
}
