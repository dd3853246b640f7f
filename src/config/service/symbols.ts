/** The outline as editors show it: fields, and stages with what they are. Foldable parts. */
import type { Range } from '../diagnostic.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import type { OutlineEntry, OutlineNode, Span } from './outline.ts';
import { stageSummary } from './stages.ts';

export interface ConfigSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'section' | 'stage' | 'field';
  readonly range: Range;
  readonly nameRange: Range;
  readonly children: readonly ConfigSymbol[];
}

export function documentSymbols(document: ConfigDocument): ConfigSymbol[] {
  return document.outline.root.entries.filter(({ key }) => key.name !== '').map((entry) => symbol(document, entry, 0, false));
}

function symbol(document: ConfigDocument, entry: OutlineEntry, depth: number, isStage: boolean): ConfigSymbol {
  const { key, value } = entry;
  const areStages = depth === 0 && key.name === 'stages';
  const children = value?.kind === 'map' ? value.entries.filter((each) => each.key.name !== '').map((each) => symbol(document, each, depth + 1, areStages)) : [];
  return {
    name: key.name,
    detail: isStage ? stageSummary(entry) : scalarText(value),
    kind: isStage ? 'stage' : value?.kind === 'map' ? 'section' : 'field',
    range: spanRange(document, entry),
    nameRange: spanRange(document, key),
    children,
  };
}

function scalarText(value: OutlineNode | undefined): string {
  if (value?.kind !== 'scalar') return '';
  const text = value.form === 'alias' ? `*${value.text}` : (value.text.split('\n')[0] ?? '');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'block' | 'comment' | 'region';
}

/** Blocks, brackets and runs of comments over more than one line, and what stands between `# region` and `# endregion`. */
export function foldingRanges(document: ConfigDocument): Fold[] {
  const folds: Fold[] = [];
  const add = ({ start, end }: Span, kind: Fold['kind']) => {
    const range = spanRange(document, { start, end });
    if (range.end.line > range.start.line) folds.push({ startLine: range.start.line, endLine: range.end.line, kind });
  };
  const visit = (node: OutlineNode, owner: Span | undefined) => {
    if (node.kind === 'scalar') return;
    if (owner !== undefined) add({ start: owner.start, end: node.end }, 'block');
    if (node.kind === 'map') for (const entry of node.entries) entryFolds(entry);
    else for (const item of node.items) if (item.value !== undefined) visit(item.value, item);
  };
  const entryFolds = (entry: OutlineEntry) => {
    if (entry.value === undefined) return;
    if (entry.value.kind === 'scalar') add(entry, 'block');
    else visit(entry.value, entry);
  };
  visit(document.outline.root, undefined);
  for (const comments of runsOfComments(document)) add(comments, 'comment');
  folds.push(...regions(document));
  return folds.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}

/** Comments on lines of their own that follow each other. */
function runsOfComments(document: ConfigDocument): Span[] {
  const runs: Span[] = [];
  let open: { start: number; end: number; line: number } | undefined;
  for (const comment of ownLineComments(document)) {
    const { line } = spanRange(document, comment).start;
    if (open?.line === line - 1) open = { start: open.start, end: comment.end, line };
    else {
      if (open !== undefined) runs.push(open);
      open = { ...comment, line };
    }
  }
  return open === undefined ? runs : [...runs, open];
}

function ownLineComments({ outline, text }: ConfigDocument): Span[] {
  return outline.comments.filter(({ start }) => text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '');
}

function regions(document: ConfigDocument): Fold[] {
  const folds: Fold[] = [];
  const open: number[] = [];
  for (const comment of ownLineComments(document)) {
    const text = document.text.slice(comment.start, comment.end);
    const { line } = spanRange(document, comment).start;
    if (/^#\s*region\b/.test(text)) open.push(line);
    const start = /^#\s*endregion\b/.test(text) ? open.pop() : undefined;
    if (start !== undefined) folds.push({ startLine: start, endLine: line, kind: 'region' });
  }
  return folds;
}
