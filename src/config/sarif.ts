/** Diagnostics as SARIF 2.1.0, which code hosts and CI services show beside the lines. */
import * as path from 'node:path';
import { diagnosticCodes, type Diagnostic, type DiagnosticCode, type Severity } from './diagnostic.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = { error: 'error', warning: 'warning', information: 'note' };

export interface SarifOptions {
  readonly version: string;
  /** Files below this folder are named relative to it, as code hosts need it. */
  readonly root: string;
}

/** The object to be written as JSON; of a finding that several configs share there is one result. */
export function sarifLog(diagnostics: readonly Diagnostic[], { version, root }: SarifOptions): object {
  const codes = Object.keys(diagnosticCodes) as DiagnosticCode[];
  const unique = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'scrkd check',
            version,
            rules: codes.map((code) => {
              const { meaning, advice, severity } = diagnosticCodes[code];
              return { id: code, shortDescription: { text: meaning }, help: { text: advice }, defaultConfiguration: { level: levels[severity] } };
            }),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [...unique.values()].map(({ code, severity, message, file, range }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: levels[severity],
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file, root) },
                region: { startLine: range.start.line + 1, startColumn: range.start.character + 1, endLine: range.end.line + 1, endColumn: range.end.character + 1 },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** Relative and with slashes where the file lies below the root, else a file URI. */
function uriOf(file: string, root: string): string {
  const absolute = path.resolve(root, file);
  const relative = path.relative(root, absolute);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  const parts = (isBelow ? relative : absolute).split(path.sep).map(encodeURIComponent).join('/');
  return isBelow ? parts : `file://${parts.startsWith('/') ? '' : '/'}${parts}`;
}
