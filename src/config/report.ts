import { diagnosticCodes, type Diagnostic, type DiagnosticCode, type Remedy } from './diagnostic.ts';
import { rangeOf, type Place } from './source.ts';

export type Path = readonly (string | number)[];

/** Collects what is found; a finding said twice of one place is kept once. */
export class Report {
  readonly #found = new Map<string, Diagnostic>();
  /** Codes with their places, whatever the message. */
  readonly #placed = new Set<string>();

  add(code: DiagnosticCode, place: Place, path: Path, message: string, suggestion?: string, remedy?: Remedy): void {
    const diagnostic: Diagnostic = {
      code,
      severity: diagnosticCodes[code].severity,
      message,
      file: place.source.path,
      range: rangeOf(place),
      path,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(remedy && { remedy }),
    };
    const placed = [code, diagnostic.file, place.start, place.end].join('\0');
    this.#placed.add(placed);
    this.#found.set(`${placed}\0${message}`, diagnostic);
  }

  /** Whether this has been said of a place: a value that is used twice through an alias is wrong once. */
  has(code: DiagnosticCode, place: Place): boolean {
    return this.#placed.has([code, place.source.path, place.start, place.end].join('\0'));
  }

  /** Whether a text could not be read in full, so that anything else said about it would be guesswork. */
  get isUnreadable(): boolean {
    const reasons: readonly DiagnosticCode[] = ['syntax', 'too-large', 'file-unreadable', 'extends-cycle'];
    return [...this.#found.values()].some((diagnostic) => reasons.includes(diagnostic.code));
  }

  get hasErrors(): boolean {
    return [...this.#found.values()].some((diagnostic) => diagnostic.severity === 'error');
  }

  /** The findings of `firstFile` first, each file's by place. */
  sorted(firstFile: string): Diagnostic[] {
    const isOther = (diagnostic: Diagnostic) => Number(diagnostic.file !== firstFile);
    return [...this.#found.values()].sort(
      (a, b) =>
        isOther(a) - isOther(b) ||
        a.file.localeCompare(b.file) ||
        a.range.start.line - b.range.start.line ||
        a.range.start.character - b.range.start.character ||
        a.code.localeCompare(b.code),
    );
  }
}
