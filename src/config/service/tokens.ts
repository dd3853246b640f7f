/** What each word of a config is, beyond what a grammar can see. */
import { namedValues } from '../expectation.ts';
import { metaOf } from '../field.ts';
import { rangeOf } from '../source.ts';
import { anchorsOf } from './anchors.ts';
import type { ConfigDocument } from './document.ts';
import { fieldAt } from './documentation.ts';
import { walkOutline, type Span } from './outline.ts';

export const tokenTypes = ['property', 'class', 'enumMember', 'number', 'string', 'variable', 'keyword'] as const;
export type TokenType = (typeof tokenTypes)[number];
export const tokenModifiers = ['declaration'] as const;

export interface Token {
  readonly line: number;
  readonly character: number;
  readonly length: number;
  readonly type: TokenType;
  readonly isDeclaration: boolean;
}

/** In the order of the text, none over more than one line, none overlapping. */
export function semanticTokens(document: ConfigDocument): Token[] {
  const found: (Span & { type: TokenType; isDeclaration?: boolean })[] = anchorsOf(document.outline).map(({ name }) => ({ start: name.start, end: name.end, type: 'variable', isDeclaration: true }));
  for (const { path, entry, node } of walkOutline(document.outline.root)) {
    if (entry !== undefined && entry.key.end > entry.key.start) {
      const isStage = path.length === 2 && path[0] === 'stages' && entry.key.name !== '<<';
      const isKnown = path.at(-1) === '<<' || fieldAt(path) !== undefined;
      if (isStage) found.push({ ...entry.key, type: 'class', isDeclaration: true });
      else if (isKnown) found.push({ ...entry.key, type: path.length === 1 ? 'keyword' : 'property' });
    }
    if (node?.kind !== 'scalar' || node.end === node.start || node.form === 'lines') continue;
    const type = node.form === 'alias' ? 'variable' : valueType(path, node.text, node.form === 'quoted');
    if (type !== undefined) found.push({ start: node.start, end: node.end, type });
  }
  const tokens: Token[] = [];
  let end = 0;
  for (const { start, end: tokenEnd, type, isDeclaration = false } of found.toSorted((a, b) => a.start - b.start)) {
    const range = rangeOf({ source: document.source, start, end: tokenEnd });
    if (start < end || range.start.line !== range.end.line) continue;
    tokens.push({ ...range.start, length: tokenEnd - start, type, isDeclaration });
    end = tokenEnd;
  }
  return tokens;
}

function valueType(path: readonly (string | number)[], text: string, isQuoted: boolean): TokenType | undefined {
  const declaration = fieldAt(path);
  if (declaration === undefined) return undefined;
  if (metaOf(declaration).names === 'stage') return 'class';
  if (namedValues(declaration).includes(text) || text === 'true' || text === 'false') return 'enumMember';
  if (!isQuoted && text !== '' && Number.isFinite(Number(text))) return 'number';
  return 'string';
}
