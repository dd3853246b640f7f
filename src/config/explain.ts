/** Diagnostics for a terminal. */
import * as l10n from '@vscode/l10n';
import type { Diagnostic } from './diagnostic.ts';

/**
 * One paragraph a diagnostic: `file:line:column  severity  code  message`, the source line, and its part underlined.
 * Lines and columns count from 1. `sources` are the texts by file; without a text the line is left out.
 */
export function explain(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>): string {
  return diagnostics.map((diagnostic) => explainOne(diagnostic, sources.get(diagnostic.file))).join('\n\n');
}

function explainOne({ file, range, severity, code, message }: Diagnostic, text: string | undefined): string {
  const { line, character } = range.start;
  const head = `${file}:${String(line + 1)}:${String(character + 1)}  ${severityWord(severity)}  ${code}  ${message}`;
  const source = text?.split(/\r?\n/)[line];
  if (source === undefined) return head;
  const end = range.end.line === line ? range.end.character : source.length;
  // Tabs stay tabs, so that the mark stands under its text however wide a tab is shown.
  const indent = source.slice(0, character).replace(/[^\t]/g, ' ');
  const number = String(line + 1);
  const gutter = ' '.repeat(number.length);
  return [head, `  ${number} | ${source}`, `  ${gutter} | ${indent}${'^'.repeat(Math.max(1, end - character))}`].join('\n');
}

function severityWord(severity: Diagnostic['severity']): string {
  switch (severity) {
    case 'error':
      return l10n.t('error');
    case 'warning':
      return l10n.t('warning');
    case 'information':
      return l10n.t('information');
  }
}
