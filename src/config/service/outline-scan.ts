/** Where words, lines and comments of a YAML text begin and end: what an outline is read with. Offsets in UTF-16 units. */

export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** The line's end without white space. */
export function trimmedEnd(text: string, from: number): number {
  return withoutBlanks(text, from, lineEnd(text, from));
}

function withoutBlanks(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && /\s/.test(text[trimmed - 1]!)) trimmed -= 1;
  return trimmed;
}

/** The end of a text without quotes: the line's, or a comment's beginning. */
export function plainEnd(text: string, start: number): number {
  const limit = lineEnd(text, start);
  let end = start;
  while (end < limit && !isCommentAt(text, end)) end += 1;
  return withoutBlanks(text, start, end);
}

/** The same in brackets, where commas, brackets and colons end it as well. */
export function flowPlainEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const character = text[end]!;
    if (',{}[]\n'.includes(character) || isCommentAt(text, end)) break;
    if (character === ':' && (isSeparator(text, end + 1) || ',{}[]'.includes(text[end + 1]!))) break;
    end += 1;
  }
  return withoutBlanks(text, start, end);
}

/** After the closing quote; without one, the line's end. */
export function quoteEnd(text: string, start: number): number {
  const quote = text[start]!;
  const limit = lineEnd(text, start);
  for (let at = start + 1; at < limit; at++) {
    if (text[at] === '\\' && quote === '"') at += 1;
    else if (text[at] === quote && text[at + 1] === quote && quote === "'") at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return Math.max(trimmedEnd(text, start), start + 1);
}

export function isCommentAt(text: string, at: number): boolean {
  return text[at] === '#' && (at === 0 || /\s/.test(text[at - 1]!));
}

/** White space, or the text's end. */
export function isSeparator(text: string, at: number): boolean {
  return at >= text.length || /\s/.test(text[at]!);
}

/** Whether a line's content begins with a key and its colon. */
export function isKeyAt(text: string, content: number): boolean {
  const line = text.slice(content, lineEnd(text, content));
  return /^(?:"[^"\n]*"|'[^'\n]*'|[^\s#,{}[\]"'&*!|>%@`-][^#\n{}[\],]*?|-[^\s#,{}[\]:]*|<<)\s*:(?:\s|$)/.test(line);
}
