/** What can be written at the cursor. */
import type { Range } from '../diagnostic.ts';
import type { MapNode } from '../tree.ts';
import { keyCompletions } from './completion-keys.ts';
import { valueCompletions } from './completion-values.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import type { EditorProviders } from './providers.ts';

/** Something to insert, before it is known where. */
export interface Proposal {
  readonly label: string;
  readonly kind: 'field' | 'value' | 'stage' | 'file' | 'folder' | 'snippet' | 'anchor';
  /** Plain text; with tab stops (`$1`, `${1:text}`) when `isSnippet`. Lines after the first are relative to the first's indentation. */
  readonly insert: string;
  readonly isSnippet?: boolean;
  /** One line beside the label. */
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** Groups by importance, 0 first; within a group the given order holds. */
  readonly rank?: number;
  /** What the typed text is compared with; default: the label. */
  readonly filter?: string;
  /** What comes next has proposals too: ask again at once. */
  readonly continues?: boolean;
}

export interface Completion extends Proposal {
  readonly range: Range;
  readonly order: number;
}

export interface CompletionContext {
  readonly document: ConfigDocument;
  readonly providers: EditorProviders;
  /** Content at an earlier time with that of extended files: stages that stand elsewhere are found in it. */
  readonly known?: MapNode | undefined;
}

/** Reads nothing but the outline and what providers say, so that half-written text has completions as well. */
export async function complete(context: CompletionContext, offset: number): Promise<readonly Completion[]> {
  const cursor = cursorAt(context.document.outline, offset);
  if (cursor === undefined) return [];
  const proposals = cursor.at === 'key' ? keyCompletions(context, cursor) : await valueCompletions(context, cursor);
  const range = spanRange(context.document, placeOf(cursor));
  return proposals.toSorted((a, b) => (a.rank ?? 1) - (b.rank ?? 1)).map((proposal, order) => ({ ...proposal, insert: cursor.needsBlank ? ` ${proposal.insert}` : proposal.insert, range, order }));
}

/** Inside of quotes only the text between them is replaced. */
function placeOf({ replace, node }: Cursor): { start: number; end: number } {
  const isQuoted = node?.kind === 'scalar' && node.form === 'quoted' && node.start === replace.start;
  return isQuoted ? { start: replace.start + 1, end: Math.max(replace.start + 1, replace.start + 1 + node.text.length) } : replace;
}
