/** Maps and lists in brackets, closed or not. See ./outline.ts. */
import { deepest, TokenReader, type Properties } from './outline-tokens.ts';
import { flowPlainEnd, isCommentAt, isKeyAt } from './outline-scan.ts';
import type { OutlineEntry, OutlineItem, OutlineName, OutlineNode } from './outline.ts';

export abstract class FlowReader extends TokenReader {
  /** A map or list in brackets. Unclosed, it ends where a line begins a field of a block around it. */
  protected readFlow(indent: number, properties: Properties): OutlineNode {
    const text = this.text;
    const start = this.at;
    const isMap = text[start] === '{';
    const entries: OutlineEntry[] = [];
    const items: OutlineItem[] = [];
    let isOpen = true;
    this.at += 1;
    this.depth += 1;
    while (this.depth <= deepest && this.skipInFlow(indent)) {
      const character = text[this.at]!;
      if (character === '}' || character === ']') {
        this.at += 1;
        isOpen = false;
        break;
      }
      if (character === ',') this.at += 1;
      else if (isMap) entries.push(this.readFlowEntry(indent));
      else items.push(this.readFlowItem(indent));
    }
    this.depth -= 1;
    const common = { style: 'flow' as const, indent, start, end: this.at, isOpen, ...properties };
    return isMap ? { kind: 'map', entries, ...common } : { kind: 'list', items, ...common };
  }

  private readFlowEntry(indent: number): OutlineEntry {
    const text = this.text;
    const start = this.at;
    let key: OutlineName;
    if (text[start] === '"' || text[start] === "'") key = this.readKey();
    else {
      const end = Math.max(flowPlainEnd(this.text, start), start);
      key = { name: text.slice(start, end), start, end };
      // A character that can begin no key, such as a bracket in its place, is passed over.
      this.at = end === start && text[start] !== ':' ? start + 1 : end;
    }
    this.skipBlanks();
    if (text[this.at] !== ':') return { key, start, end: key.end };
    const colon = this.at;
    this.at += 1;
    const value = this.skipInFlow(indent) ? this.readFlowValue(indent) : undefined;
    return { key, colon, ...(value && { value }), start, end: value?.end ?? colon + 1 };
  }

  private readFlowItem(indent: number): OutlineItem {
    const start = this.at;
    const value = this.readFlowValue(indent);
    if (value !== undefined) return { start, end: value.end, value };
    if (this.at === start) this.at += 1;
    return { start, end: this.at };
  }

  private readFlowValue(indent: number): OutlineNode | undefined {
    const properties = this.readProperties();
    if (!this.skipInFlow(indent)) return undefined;
    const character = this.text[this.at]!;
    if (character === '{' || character === '[') return this.readFlow(indent, properties);
    if (character === ',' || character === '}' || character === ']' || character === ':') return undefined;
    if (character === '"' || character === "'" || character === '*') return this.readScalar(properties);
    const start = this.at;
    this.at = flowPlainEnd(this.text, start);
    return { kind: 'scalar', text: this.text.slice(start, this.at), form: 'plain', start, end: this.at, ...properties };
  }

  /** Moves to the next character of a flow collection; false where the text or, by its indentation, the collection ends. */
  private skipInFlow(indent: number): boolean {
    const text = this.text;
    while (this.at < text.length) {
      const character = text[this.at]!;
      if (character === '\n') {
        let content = this.at + 1;
        while (text[content] === ' ') content += 1;
        const column = content - this.at - 1;
        if (column <= indent && /[^\s#,{}[\]]/.test(text[content] ?? ' ') && isKeyAt(this.text, content)) return false;
        this.at += 1;
      } else if (/\s/.test(character)) this.at += 1;
      else if (isCommentAt(this.text, this.at)) this.at = this.skipComment(this.at);
      else return true;
    }
    return false;
  }
}
