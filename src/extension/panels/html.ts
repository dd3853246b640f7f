import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageText, type PanelName } from './page.ts';

export type { PanelName } from './page.ts';

/** What of the extension's files a panel may load. */
export function panelResources(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')];
}

/** The page of a panel in the window's language (`pageText`). */
export function panelHtml(webview: vscode.Webview, extensionUri: vscode.Uri, panel: PanelName): string {
  return pageText({
    panel,
    language: vscode.env.language,
    ...(vscode.l10n.bundle === undefined ? {} : { translations: JSON.stringify(vscode.l10n.bundle) }),
    nonce: randomBytes(16).toString('base64url'),
    source: webview.cspSource,
    resource: (file) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', file)).toString(),
  });
}
