/** Publishes what is wrong with the open configs, a moment after the last change. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Connection, Diagnostic as ProtocolDiagnostic } from 'vscode-languageserver/node';
import type { Diagnostic, Range } from '../config/diagnostic.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { spanRange, type ConfigDocument } from '../config/service/document.ts';
import { entryAt } from '../config/service/outline.ts';
import type { Configs } from './configs.ts';
import { diagnosticOf, fileUri } from './convert.ts';

export interface FindingsOptions {
  readonly connection: Connection;
  readonly configs: Configs;
  /** Milliseconds without a change before a text is checked. */
  readonly delay: number;
  readonly docs: () => string | undefined;
}

export class Findings implements Disposable {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #options: FindingsOptions;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  schedule(uri: string, delay = this.#options.delay): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.set(
      uri,
      setTimeout(() => {
        this.#timers.delete(uri);
        void this.#publish(uri);
      }, delay),
    );
  }

  clear(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.delete(uri);
    void this.#options.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  async #publish(uri: string): Promise<void> {
    const { connection, configs, docs } = this.#options;
    const document = configs.document(uri);
    const resolved = await configs.resolved(uri);
    // Meanwhile the text may have changed, or been closed: then another answer is on its way.
    if (document === undefined || resolved === undefined || configs.document(uri) !== document) return;
    await connection.sendDiagnostics({ uri, diagnostics: findingsOf(document, resolved, docs()) });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** What is wrong in a file that this one extends is shown where it is extended, and leads there. */
export function findingsOf(document: ConfigDocument, { diagnostics }: ResolvedConfig, docs: string | undefined): ProtocolDiagnostic[] {
  return diagnostics.map((diagnostic) => {
    if (diagnostic.file === document.path) return diagnosticOf(diagnostic, docs);
    return { ...diagnosticOf({ ...diagnostic, range: extendsRange(document), message: elsewhere(diagnostic) }, docs), relatedInformation: [{ location: { uri: fileUri(path.resolve(diagnostic.file)), range: diagnostic.range }, message: diagnostic.message }] };
  });
}

function elsewhere({ file, range, message }: Diagnostic): string {
  return l10n.t('{0}, line {1}: {2}', path.basename(file), range.start.line + 1, message);
}

function extendsRange(document: ConfigDocument): Range {
  const entry = entryAt(document.outline.root, ['extends']);
  return spanRange(document, entry?.value ?? entry ?? { start: 0, end: 0 });
}
