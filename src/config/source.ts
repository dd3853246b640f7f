/** Texts and places in them. */
import { LineCounter } from 'yaml';
import type { Position, Range } from './diagnostic.ts';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineCounter;
}

export function sourceFile(path: string, text: string): SourceFile {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return { path, text, lines };
}

/** Offsets in UTF-16 units; `end` is exclusive. */
export interface Place {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}

export function rangeOf(place: Place): Range {
  return { start: position(place.source, place.start), end: position(place.source, place.end) };
}

/** The first line of a text: where a diagnostic stands that is about the whole. */
export function firstLine(source: SourceFile): Place {
  const end = source.text.search(/\r?\n/);
  return { source, start: 0, end: end < 0 ? source.text.length : end };
}

function position(source: SourceFile, offset: number): Position {
  const { line, col } = source.lines.linePos(Math.min(Math.max(offset, 0), source.text.length));
  return { line: line - 1, character: col - 1 };
}
