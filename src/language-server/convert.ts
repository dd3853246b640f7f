/** From the config service's answers to the Language Server Protocol's. */
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  FoldingRangeKind,
  InsertTextFormat,
  InsertTextMode,
  MarkupKind,
  SymbolKind,
  type CodeLens,
  type CompletionItem,
  type Diagnostic as ProtocolDiagnostic,
  type DocumentSymbol,
  type FoldingRange,
  type InlayHint as ProtocolHint,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { Diagnostic, Severity } from '../config/diagnostic.ts';
import type { Completion, Proposal } from '../config/service/completion.ts';
import type { FileEdit } from '../config/service/document.ts';
import type { CodeAction } from '../config/service/fixes.ts';
import type { InlayHint } from '../config/service/hints.ts';
import type { Lens } from '../config/service/lenses.ts';
import type { Fold, ConfigSymbol } from '../config/service/symbols.ts';
import { tokenTypes, type Token } from '../config/service/tokens.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

/** `docs` is the address of the folder with diagnostics.md. */
export function diagnosticOf({ code, severity, message, range }: Diagnostic, docs: string | undefined): ProtocolDiagnostic {
  return {
    range,
    severity: severities[severity],
    code,
    source: 'scrkd',
    message,
    ...(docs !== undefined && { codeDescription: { href: `${docs}/diagnostics.md#${code}` } }),
  };
}

const completionKinds: Readonly<Record<Proposal['kind'], CompletionItemKind>> = {
  field: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  stage: CompletionItemKind.Class,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  snippet: CompletionItemKind.Snippet,
  anchor: CompletionItemKind.Reference,
};

/** `retrigger` is the client's command that asks for completions again. */
export function completionOf({ label, kind, insert, isSnippet, detail, documentation, filter, continues, range, order }: Completion, retrigger: string | undefined): CompletionItem {
  return {
    label,
    kind: completionKinds[kind],
    textEdit: { range, newText: insert },
    insertTextFormat: isSnippet === true ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    insertTextMode: InsertTextMode.adjustIndentation,
    sortText: String(order).padStart(4, '0'),
    ...(detail !== undefined && { detail }),
    ...(filter !== undefined && { filterText: filter }),
    ...(documentation !== undefined && { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
    ...(continues === true && retrigger !== undefined && { command: { title: label, command: retrigger } }),
  };
}

export function workspaceEdit(edits: readonly FileEdit[], uriOf: (file: string) => string): WorkspaceEdit {
  const changes: Record<string, { range: FileEdit['range']; newText: string }[]> = {};
  for (const { file, range, newText } of edits) (changes[uriOf(file)] ??= []).push({ range, newText });
  return { changes };
}

export function actionOf({ title, edits, isPreferred, kind, diagnostic }: CodeAction, uriOf: (file: string) => string, docs: string | undefined) {
  return {
    title,
    kind: kind === 'quickfix' ? CodeActionKind.QuickFix : CodeActionKind.RefactorRewrite,
    edit: workspaceEdit(edits, uriOf),
    ...(isPreferred === true && { isPreferred }),
    ...(diagnostic !== undefined && { diagnostics: [diagnosticOf(diagnostic, docs)] }),
  };
}

export function lensOf({ range, title, command, target }: Lens): CodeLens {
  return { range, command: { title, command, arguments: [target] } };
}

export function hintOf({ position, text, tooltip }: InlayHint): ProtocolHint {
  return { position, label: text, tooltip, paddingLeft: true };
}

const symbolKinds: Readonly<Record<ConfigSymbol['kind'], SymbolKind>> = { section: SymbolKind.Namespace, stage: SymbolKind.Class, field: SymbolKind.Field };

export function symbolOf({ name, detail, kind, range, nameRange, children }: ConfigSymbol): DocumentSymbol {
  return { name, detail, kind: symbolKinds[kind], range, selectionRange: nameRange, children: children.map(symbolOf) };
}

export function foldOf({ startLine, endLine, kind }: Fold): FoldingRange {
  return { startLine, endLine, ...(kind === 'comment' && { kind: FoldingRangeKind.Comment }), ...(kind === 'region' && { kind: FoldingRangeKind.Region }) };
}

/** Five numbers a token, each place relative to the one before. */
export function tokenData(tokens: readonly Token[]): number[] {
  const data: number[] = [];
  let [line, character] = [0, 0];
  for (const token of tokens) {
    const isSameLine = token.line === line;
    data.push(token.line - line, isSameLine ? token.character - character : token.character, token.length, tokenTypes.indexOf(token.type), token.isDeclaration ? 1 : 0);
    [line, character] = [token.line, token.character];
  }
  return data;
}

export function fileUri(file: string): string {
  return pathToFileURL(file).href;
}
