/** What can be done about a finding by one click, and the changes that are offered without one. */
import type { Diagnostic, DiagnosticCode, Range } from '../diagnostic.ts';
import type { ResolvedConfig } from '../resolve.ts';
import type { ConfigDocument, FileEdit } from './document.ts';
import { fieldFixes } from './fixes/fields.ts';
import { graphFixes } from './fixes/graph.ts';
import { presetChanges } from './fixes/presets.ts';
import { trainingFixes } from './fixes/training.ts';
import type { EditorProviders } from './providers.ts';

export interface Fix {
  readonly title: string;
  readonly edits: readonly FileEdit[];
  /** The one that most people mean. */
  readonly isPreferred?: boolean;
}

export interface CodeAction extends Fix {
  readonly kind: 'quickfix' | 'rewrite';
  /** What it fixes. */
  readonly diagnostic?: Diagnostic;
}

export interface FixContext {
  readonly document: ConfigDocument;
  readonly resolved: ResolvedConfig;
}

export type MakeFixes = (context: FixContext, diagnostic: Diagnostic) => readonly Fix[];

const makers: Readonly<Partial<Record<DiagnosticCode, MakeFixes>>> = { ...fieldFixes, ...graphFixes, ...trainingFixes };

/** The codes that have fixes, for the documentation. */
export const fixableCodes: ReadonlySet<string> = new Set(Object.keys(makers));

/** What is offered for a part of a document. `resolved` must be of the document's text. */
export async function codeActions(context: FixContext, range: Range, providers: EditorProviders): Promise<CodeAction[]> {
  const { document, resolved } = context;
  const here = resolved.diagnostics.filter((diagnostic) => diagnostic.file === document.path && overlap(diagnostic.range, range));
  const fixes = here.flatMap((diagnostic) => fixesFor(context, diagnostic).map((fix): CodeAction => ({ ...fix, kind: 'quickfix', diagnostic })));
  const changes = await presetChanges(context, range, providers);
  return [...fixes, ...changes.map((fix): CodeAction => ({ ...fix, kind: 'rewrite' }))];
}

export function fixesFor(context: FixContext, diagnostic: Diagnostic): readonly Fix[] {
  return (makers[diagnostic.code]?.(context, diagnostic) ?? []).filter(({ edits }) => edits.length > 0);
}

function overlap(a: Range, b: Range): boolean {
  const isBefore = (first: Range, second: Range) => first.end.line < second.start.line || (first.end.line === second.start.line && first.end.character < second.start.character);
  return !isBefore(a, b) && !isBefore(b, a);
}
