/** A config that is open in an editor. */
import type { Position, Range } from '../diagnostic.ts';
import { rangeOf, sourceFile, type SourceFile } from '../source.ts';
import { outlineOf, type Outline, type Span } from './outline.ts';

export interface ConfigDocument {
  readonly path: string;
  readonly text: string;
  readonly source: SourceFile;
  readonly outline: Outline;
}

export function configDocument(path: string, text: string): ConfigDocument {
  return { path, text, source: sourceFile(path, text), outline: outlineOf(text) };
}

export function spanRange({ source }: ConfigDocument, { start, end }: Span): Range {
  return rangeOf({ source, start, end });
}

/** The offset of a position; one behind a line's end is the line's end. */
export function offsetAt({ source, text }: Pick<ConfigDocument, 'source' | 'text'>, { line, character }: Position): number {
  const start = source.lines.lineStarts[Math.max(0, line)];
  if (start === undefined) return text.length;
  const next = source.lines.lineStarts[line + 1];
  const end = next === undefined ? text.length : next - 1;
  return Math.min(start + Math.max(0, character), end);
}

/** A change of a text. */
export interface TextChange extends Span {
  readonly text: string;
}

/** A change of a file, as editors take it. */
export interface FileEdit {
  readonly file: string;
  readonly range: Range;
  readonly newText: string;
}

export function fileEdit(document: ConfigDocument, { start, end, text }: TextChange): FileEdit {
  return { file: document.path, range: spanRange(document, { start, end }), newText: text };
}

/** The text after changes that do not overlap. */
export function changed(text: string, changes: readonly TextChange[]): string {
  let result = text;
  for (const { start, end, text: inserted } of changes.toSorted((a, b) => b.start - a.start || b.end - a.end)) {
    result = result.slice(0, start) + inserted + result.slice(end);
  }
  return result;
}
