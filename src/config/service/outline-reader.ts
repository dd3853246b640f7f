/** Reads an outline: see ./outline.ts. */
import type { OutlineEntry, OutlineItem, OutlineList, OutlineMap, OutlineName, OutlineNode, Span } from './outline.ts';

/** Deeper brackets are nobody's config, and would exhaust the stack. */
const deepest = 100;

interface Line {
  readonly start: number;
  /** First character that is not white space. */
  readonly content: number;
  readonly indent: number;
}

interface Properties {
  readonly anchor?: OutlineName;
}

export class OutlineReader {
  readonly comments: Span[] = [];
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): OutlineMap {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    const entries: OutlineEntry[] = [];
    // A document in brackets, or several documents: what follows a block that ended early is read as well.
    for (;;) {
      const line = this.#nextLine();
      if (line === undefined) break;
      const first = this.#text[line.content]!;
      if (first === '{' || first === '[') {
        this.#at = line.content;
        const node = this.#readFlow(-1, {});
        if (node.kind === 'map' && entries.length === 0 && this.#nextLine() === undefined) return node;
        if (node.kind === 'map') entries.push(...node.entries);
        continue;
      }
      const before = this.#at;
      entries.push(...this.#readBlockMap(line.indent, {}).entries);
      if (this.#at === before) this.#at = this.#lineEnd(this.#at) + 1;
    }
    return { kind: 'map', style: 'block', indent: 0, entries, start: 0, end: this.#text.length, isOpen: false };
  }

  /** The next line with content at or after the position; comments before it are kept. The position moves to its start. */
  #nextLine(): Line | undefined {
    const text = this.#text;
    while (this.#at < text.length) {
      let start = this.#at;
      while (start > 0 && text[start - 1] !== '\n') start -= 1;
      // The rest of a line that was already read is white space or a comment.
      let content = this.#at;
      while (text[content] === ' ' || text[content] === '\t' || text[content] === '\r') content += 1;
      const character = text[content];
      if (character === undefined) break;
      const isMarker = content === start && /^(?:---(?:\s|$)|\.\.\.(?:\s|$)|%)/.test(text.slice(start, start + 4));
      if (character === '#') this.comments.push({ start: content, end: this.#trimmedEnd(content) });
      if (character !== '\n' && character !== '#' && !isMarker) {
        const indent = content - start;
        return { start, content, indent };
      }
      this.#at = this.#lineEnd(content) + 1;
    }
    this.#at = text.length;
    return undefined;
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end < 0 ? this.#text.length : end;
  }

  /** The line's end without white space. */
  #trimmedEnd(from: number): number {
    let end = this.#lineEnd(from);
    while (end > from && /\s/.test(this.#text[end - 1]!)) end -= 1;
    return end;
  }

  #readBlockMap(indent: number, properties: Properties): OutlineMap {
    const entries: OutlineEntry[] = [];
    let start: number | undefined;
    let end = this.#at;
    this.#depth += 1;
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      if (line.indent < indent) break;
      start ??= line.content;
      this.#at = line.content;
      // A deeper line that belongs to no entry is a value's continuation, or mistaken indentation: neither adds a key.
      const entry = this.#readEntry(line.indent);
      // White space of other kinds, such as a byte order mark within the text, makes an entry of no length.
      this.#at = Math.max(this.#at, line.content + 1);
      if (line.indent === indent || entry.colon !== undefined) entries.push(entry);
      end = entry.end;
    }
    this.#depth -= 1;
    return { kind: 'map', style: 'block', indent, entries, start: start ?? end, end, isOpen: false, ...properties };
  }

  /** `key: value` at the position, or as much of it as there is. */
  #readEntry(indent: number): OutlineEntry {
    const start = this.#at;
    const key = this.#readKey();
    this.#skipBlanks();
    if (this.#text[this.#at] !== ':' || !this.#isSeparator(this.#at + 1)) {
      const end = this.#plainEnd(start);
      this.#at = this.#skipComment(end);
      return { key: { name: this.#text.slice(start, end), start, end }, start, end };
    }
    const colon = this.#at;
    this.#at += 1;
    const value = this.#readValue(indent);
    const end = value?.end ?? colon + 1;
    return { key, colon, ...(value && { value }), start, end };
  }

  #readKey(): OutlineName {
    const text = this.#text;
    const start = this.#at;
    const quote = text[start];
    if (quote === '"' || quote === "'") {
      this.#at = this.#quoteEnd(start);
      return { name: text.slice(start + 1, this.#at - 1), start, end: this.#at };
    }
    while (this.#at < text.length && text[this.#at] !== '\n' && !(text[this.#at] === ':' && this.#isSeparator(this.#at + 1)) && !this.#isCommentAt(this.#at)) this.#at += 1;
    let end = this.#at;
    while (end > start && /\s/.test(text[end - 1]!)) end -= 1;
    return { name: text.slice(start, end), start, end };
  }

  /** The value after a block entry's colon, or after a dash; undefined when it is empty. */
  #readValue(indent: number, owner: 'key' | 'dash' = 'key'): OutlineNode | undefined {
    this.#skipBlanks();
    const properties = this.#readProperties();
    const character = this.#text[this.#at];
    if (character === undefined || character === '\n' || character === '\r' || this.#isCommentAt(this.#at)) return this.#readNested(indent, properties, owner);
    if (character === '{' || character === '[') return this.#readFlow(indent, properties);
    if (character === '|' || character === '>') return this.#readLines(indent, properties);
    return this.#readScalar(properties);
  }

  /** A block on the lines below, deeper than its key or dash; the list of a key may stand at the key's own column. */
  #readNested(indent: number, properties: Properties, owner: 'key' | 'dash'): OutlineNode | undefined {
    const before = this.#at;
    this.#at = this.#skipComment(this.#at);
    const position = this.#at;
    const commentsBefore = this.comments.length;
    const line = this.#nextLine();
    const isDash = line !== undefined && this.#text[line.content] === '-' && this.#isSeparator(line.content + 1);
    const isInside = line !== undefined && (line.indent > indent || (isDash && line.indent === indent && owner === 'key'));
    if (line === undefined || !isInside || this.#depth >= deepest) {
      // Read again by whom they belong to.
      this.comments.length = commentsBefore;
      this.#at = position;
      return properties.anchor === undefined ? undefined : { kind: 'scalar', text: '', form: 'plain', start: before, end: before, ...properties };
    }
    if (isDash) return this.#readBlockList(line.indent, properties);
    if (this.#isKeyAt(line.content)) return this.#readBlockMap(line.indent, properties);
    const first = this.#text[line.content];
    if (first === '{' || first === '[') {
      this.#at = line.content;
      return this.#readFlow(indent, properties);
    }
    if (first === '"' || first === "'" || first === '*' || first === '&') {
      this.#at = line.content;
      return this.#readValue(indent);
    }
    // A word alone: a key being typed, or a text; who asks knows which is expected.
    return this.#readBlockMap(line.indent, properties);
  }

  #readBlockList(indent: number, properties: Properties): OutlineList {
    const items: OutlineItem[] = [];
    let start: number | undefined;
    let end = this.#at;
    this.#depth += 1;
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      const isDash = this.#text[line.content] === '-' && this.#isSeparator(line.content + 1);
      if (line.indent !== indent || !isDash) break;
      start ??= line.content;
      this.#at = line.content + 1;
      this.#skipBlanks();
      const itemStart = this.#at;
      const column = itemStart - line.start;
      const value = this.#isKeyAt(itemStart) ? this.#readBlockMap(column, {}) : this.#readValue(indent, 'dash');
      end = value?.end ?? itemStart;
      items.push({ start: itemStart, end, ...(value && { value }) });
    }
    this.#depth -= 1;
    return { kind: 'list', style: 'block', indent, items, start: start ?? end, end, isOpen: false, ...properties };
  }

  /** A map or list in brackets. Unclosed, it ends where a line begins a field of a block around it. */
  #readFlow(indent: number, properties: Properties): OutlineNode {
    const text = this.#text;
    const start = this.#at;
    const isMap = text[start] === '{';
    const entries: OutlineEntry[] = [];
    const items: OutlineItem[] = [];
    let isOpen = true;
    this.#at += 1;
    this.#depth += 1;
    while (this.#depth <= deepest && this.#skipInFlow(indent)) {
      const character = text[this.#at]!;
      if (character === '}' || character === ']') {
        this.#at += 1;
        isOpen = false;
        break;
      }
      if (character === ',') this.#at += 1;
      else if (isMap) entries.push(this.#readFlowEntry(indent));
      else items.push(this.#readFlowItem(indent));
    }
    this.#depth -= 1;
    const common = { style: 'flow' as const, indent, start, end: this.#at, isOpen, ...properties };
    return isMap ? { kind: 'map', entries, ...common } : { kind: 'list', items, ...common };
  }

  #readFlowEntry(indent: number): OutlineEntry {
    const text = this.#text;
    const start = this.#at;
    let key: OutlineName;
    if (text[start] === '"' || text[start] === "'") key = this.#readKey();
    else {
      const end = Math.max(this.#flowPlainEnd(start), start);
      key = { name: text.slice(start, end), start, end };
      // A character that can begin no key, such as a bracket in its place, is passed over.
      this.#at = end === start && text[start] !== ':' ? start + 1 : end;
    }
    this.#skipBlanks();
    if (text[this.#at] !== ':') return { key, start, end: key.end };
    const colon = this.#at;
    this.#at += 1;
    const value = this.#skipInFlow(indent) ? this.#readFlowValue(indent) : undefined;
    return { key, colon, ...(value && { value }), start, end: value?.end ?? colon + 1 };
  }

  #readFlowItem(indent: number): OutlineItem {
    const start = this.#at;
    const value = this.#readFlowValue(indent);
    if (value !== undefined) return { start, end: value.end, value };
    if (this.#at === start) this.#at += 1;
    return { start, end: this.#at };
  }

  #readFlowValue(indent: number): OutlineNode | undefined {
    const properties = this.#readProperties();
    if (!this.#skipInFlow(indent)) return undefined;
    const character = this.#text[this.#at]!;
    if (character === '{' || character === '[') return this.#readFlow(indent, properties);
    if (character === ',' || character === '}' || character === ']' || character === ':') return undefined;
    if (character === '"' || character === "'" || character === '*') return this.#readScalar(properties);
    const start = this.#at;
    this.#at = this.#flowPlainEnd(start);
    return { kind: 'scalar', text: this.#text.slice(start, this.#at), form: 'plain', start, end: this.#at, ...properties };
  }

  #flowPlainEnd(start: number): number {
    const text = this.#text;
    let end = start;
    while (end < text.length) {
      const character = text[end]!;
      if (',{}[]\n'.includes(character) || this.#isCommentAt(end)) break;
      if (character === ':' && (this.#isSeparator(end + 1) || ',{}[]'.includes(text[end + 1]!))) break;
      end += 1;
    }
    while (end > start && /\s/.test(text[end - 1]!)) end -= 1;
    return end;
  }

  /** Moves to the next character of a flow collection; false where the text or, by its indentation, the collection ends. */
  #skipInFlow(indent: number): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      const character = text[this.#at]!;
      if (character === '\n') {
        let content = this.#at + 1;
        while (text[content] === ' ') content += 1;
        const column = content - this.#at - 1;
        if (column <= indent && /[^\s#,{}[\]]/.test(text[content] ?? ' ') && this.#isKeyAt(content)) return false;
        this.#at += 1;
      } else if (/\s/.test(character)) this.#at += 1;
      else if (this.#isCommentAt(this.#at)) this.#at = this.#skipComment(this.#at);
      else return true;
    }
    return false;
  }

  #readProperties(): Properties {
    let anchor: OutlineName | undefined;
    for (;;) {
      const start = this.#at;
      const character = this.#text[start];
      if (character !== '&' && character !== '!') return anchor === undefined ? {} : { anchor };
      let end = start + 1;
      while (end < this.#text.length && !/[\s,{}[\]]/.test(this.#text[end]!)) end += 1;
      if (character === '&') anchor = { name: this.#text.slice(start + 1, end), start, end };
      this.#at = end;
      this.#skipBlanks();
    }
  }

  #readScalar(properties: Properties): OutlineNode {
    const text = this.#text;
    const start = this.#at;
    const character = text[start];
    if (character === '"' || character === "'") {
      const end = this.#quoteEnd(start);
      this.#at = end;
      const isClosed = end - start > 1 && text[end - 1] === character;
      return { kind: 'scalar', text: text.slice(start + 1, isClosed ? end - 1 : end), form: 'quoted', start, end, ...properties };
    }
    if (character === '*') {
      let end = start + 1;
      while (end < text.length && !/[\s,{}[\]]/.test(text[end]!)) end += 1;
      this.#at = end;
      return { kind: 'scalar', text: text.slice(start + 1, end), form: 'alias', start, end, ...properties };
    }
    const end = this.#plainEnd(start);
    this.#at = this.#skipComment(end);
    return { kind: 'scalar', text: text.slice(start, end), form: 'plain', start, end, ...properties };
  }

  /** `|` or `>` and the deeper lines below. */
  #readLines(indent: number, properties: Properties): OutlineNode {
    const start = this.#at;
    let end = this.#trimmedEnd(start);
    this.#at = this.#lineEnd(start) + 1;
    while (this.#at < this.#text.length) {
      const lineEnd = this.#lineEnd(this.#at);
      const line = this.#text.slice(this.#at, lineEnd);
      const column = line.search(/\S/);
      if (column >= 0 && column <= indent) break;
      if (column >= 0) end = this.#trimmedEnd(this.#at);
      this.#at = lineEnd + 1;
    }
    this.#at = Math.min(this.#at, this.#text.length);
    return { kind: 'scalar', text: this.#text.slice(start, end), form: 'lines', start, end, ...properties };
  }

  /** After the closing quote; without one, the line's end. */
  #quoteEnd(start: number): number {
    const text = this.#text;
    const quote = text[start]!;
    const lineEnd = this.#lineEnd(start);
    for (let at = start + 1; at < lineEnd; at++) {
      if (text[at] === '\\' && quote === '"') at += 1;
      else if (text[at] === quote && text[at + 1] === quote && quote === "'") at += 1;
      else if (text[at] === quote) return at + 1;
    }
    return Math.max(this.#trimmedEnd(start), start + 1);
  }

  #plainEnd(start: number): number {
    const lineEnd = this.#lineEnd(start);
    let end = start;
    while (end < lineEnd && !this.#isCommentAt(end)) end += 1;
    while (end > start && /\s/.test(this.#text[end - 1]!)) end -= 1;
    return end;
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  /** The position after blanks and a comment, which is kept. */
  #skipComment(from: number): number {
    let at = from;
    while (this.#text[at] === ' ' || this.#text[at] === '\t' || this.#text[at] === '\r') at += 1;
    if (!this.#isCommentAt(at)) return from;
    const end = this.#trimmedEnd(at);
    this.comments.push({ start: at, end });
    return this.#lineEnd(at);
  }

  #isCommentAt(at: number): boolean {
    return this.#text[at] === '#' && (at === 0 || /\s/.test(this.#text[at - 1]!));
  }

  #isSeparator(at: number): boolean {
    return at >= this.#text.length || /\s/.test(this.#text[at]!);
  }

  /** Whether the line's content begins with a key and its colon. */
  #isKeyAt(content: number): boolean {
    const line = this.#text.slice(content, this.#lineEnd(content));
    return /^(?:"[^"\n]*"|'[^'\n]*'|[^\s#,{}[\]"'&*!|>%@`-][^#\n{}[\],]*?|-[^\s#,{}[\]:]*|<<)\s*:(?:\s|$)/.test(line);
  }
}
