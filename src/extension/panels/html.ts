import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The bundles under `dist/webview/`, one a panel. */
export type PanelName = 'dashboard' | 'inspector' | 'graph' | 'preview';

/** What of the extension's files a panel may load. */
export function panelResources(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')];
}

/**
 * The page of a panel: one script, one style sheet, nothing inline, no connection to anywhere.
 * Pictures may come from the extension's and the panel's local resources and from bytes that were posted to the panel.
 */
export function panelHtml(webview: vscode.Webview, extensionUri: vscode.Uri, panel: PanelName): string {
  const nonce = randomBytes(16).toString('base64url');
  const resource = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${resource('codicon.css')}">
<link rel="stylesheet" href="${resource(`${panel}.css`)}">
</head>
<body>
<script nonce="${nonce}" type="module" src="${resource(`${panel}.js`)}"></script>
</body>
</html>`;
}
