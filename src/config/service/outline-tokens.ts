/** Words of a YAML text at a position that moves on: what blocks and brackets are made of. See ./outline.ts. */
import { isCommentAt, isSeparator, lineEnd, plainEnd, quoteEnd, trimmedEnd } from './outline-scan.ts';
import type { OutlineName, OutlineNode, Span } from './outline.ts';

/** Deeper nesting is nobody's config, and would exhaust the stack. */
export const deepest = 100;

/** What may stand before a value. */
export interface Properties {
  readonly anchor?: OutlineName;
}

export abstract class TokenReader {
  readonly comments: Span[] = [];
  protected readonly text: string;
  protected at = 0;
  protected depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  protected readKey(): OutlineName {
    const text = this.text;
    const start = this.at;
    const quote = text[start];
    if (quote === '"' || quote === "'") {
      this.at = quoteEnd(this.text, start);
      return { name: text.slice(start + 1, this.at - 1), start, end: this.at };
    }
    while (this.at < text.length && text[this.at] !== '\n' && !(text[this.at] === ':' && isSeparator(this.text, this.at + 1)) && !isCommentAt(this.text, this.at)) this.at += 1;
    let end = this.at;
    while (end > start && /\s/.test(text[end - 1]!)) end -= 1;
    return { name: text.slice(start, end), start, end };
  }

  protected skipBlanks(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1;
  }

  /** The position after blanks and a comment, which is kept. */
  protected skipComment(from: number): number {
    let at = from;
    while (this.text[at] === ' ' || this.text[at] === '\t' || this.text[at] === '\r') at += 1;
    if (!isCommentAt(this.text, at)) return from;
    const end = trimmedEnd(this.text, at);
    this.comments.push({ start: at, end });
    return lineEnd(this.text, at);
  }

  protected readProperties(): Properties {
    let anchor: OutlineName | undefined;
    for (;;) {
      const start = this.at;
      const character = this.text[start];
      if (character !== '&' && character !== '!') return anchor === undefined ? {} : { anchor };
      let end = start + 1;
      while (end < this.text.length && !/[\s,{}[\]]/.test(this.text[end]!)) end += 1;
      if (character === '&') anchor = { name: this.text.slice(start + 1, end), start, end };
      this.at = end;
      this.skipBlanks();
    }
  }

  protected readScalar(properties: Properties): OutlineNode {
    const text = this.text;
    const start = this.at;
    const character = text[start];
    if (character === '"' || character === "'") {
      const end = quoteEnd(this.text, start);
      this.at = end;
      const isClosed = end - start > 1 && text[end - 1] === character;
      return { kind: 'scalar', text: text.slice(start + 1, isClosed ? end - 1 : end), form: 'quoted', start, end, ...properties };
    }
    if (character === '*') {
      let end = start + 1;
      while (end < text.length && !/[\s,{}[\]]/.test(text[end]!)) end += 1;
      this.at = end;
      return { kind: 'scalar', text: text.slice(start + 1, end), form: 'alias', start, end, ...properties };
    }
    const end = plainEnd(this.text, start);
    this.at = this.skipComment(end);
    return { kind: 'scalar', text: text.slice(start, end), form: 'plain', start, end, ...properties };
  }
}
