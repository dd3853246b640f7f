/** What a check found, in the Problems panel: each at the file that it is about. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { unreachable } from '../../base/errors.ts';
import type { DatasetProblem } from '../../dataset/dataset.ts';
import type { KnownDataset } from './datasets-index.ts';

export function showProblems(collection: vscode.DiagnosticCollection, dataset: KnownDataset, problems: readonly DatasetProblem[]): void {
  clearProblems(collection, dataset.root);
  const byFile = new Map<string, vscode.Diagnostic[]>();
  for (const problem of problems) {
    const file = fileOf(dataset, problem);
    const diagnostic = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 0), problem.message, severityOf(problem.kind));
    diagnostic.source = 'scrkd';
    diagnostic.code = problem.kind;
    byFile.set(file, [...(byFile.get(file) ?? []), diagnostic]);
  }
  for (const [file, diagnostics] of byFile) collection.set(vscode.Uri.file(file), diagnostics);
}

function clearProblems(collection: vscode.DiagnosticCollection, root: string): void {
  const below = vscode.Uri.file(join(root, '/')).path;
  collection.forEach((uri) => uri.path.startsWith(below) && collection.delete(uri));
}

/** An error loses a sample or makes figures wrong; a warning is for a person to judge. */
function severityOf(kind: DatasetProblem['kind']): vscode.DiagnosticSeverity {
  switch (kind) {
    case 'missing-image':
    case 'missing-mask':
    case 'unreadable-image':
    case 'unreadable-mask':
    case 'size-mismatch':
    case 'not-a-mask':
    case 'bad-name':
    case 'train-and-test':
      return vscode.DiagnosticSeverity.Error;
    case 'near-duplicate':
    case 'empty-mask':
    case 'listed-twice':
    case 'several-files':
      return vscode.DiagnosticSeverity.Warning;
    default:
      return unreachable(kind);
  }
}

function fileOf({ root, content }: KnownDataset, { id, split, kind }: DatasetProblem): string {
  const sample = content.kind === 'listed' ? content.splits[split].find((each) => each.id === id) : undefined;
  if (sample === undefined) return join(root, id);
  return kind.includes('mask') ? sample.mask : sample.image;
}
