/** The text of a panel's page, apart from VS Code, so that tests can serve the very same. */

/** The bundles under `dist/webview/`, one a panel. */
export type PanelName = 'dashboard' | 'inspector' | 'graph' | 'preview';

export interface PanelPage {
  readonly panel: PanelName;
  /** BCP 47, of the window. */
  readonly language: string;
  /** The window's translations by English text, as JSON; absent in English. */
  readonly translations?: string;
  /** Fresh for each page. */
  readonly nonce: string;
  /** Where local resources come from, as a source of a content policy. */
  readonly source: string;
  /** The address of a file of `dist/webview/`. */
  readonly resource: (file: string) => string;
}

/**
 * One script, one style sheet, nothing inline, no connection to anywhere.
 * Pictures may come from the extension's and the panel's local resources and from bytes that were posted to the panel.
 */
export function pageText({ panel, language, translations, nonce, source, resource }: PanelPage): string {
  const policy = ["default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${source}`, `font-src ${source}`, `img-src ${source} blob:`].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>SCRKD</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${translations === undefined ? '' : `<meta name="scrkd-l10n" content="${attribute(translations)}">\n`}<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${attribute(resource('codicon.css'))}">
<link rel="stylesheet" href="${attribute(resource(`${panel}.css`))}">
</head>
<body>
<script nonce="${nonce}" type="module" src="${attribute(resource(`${panel}.js`))}"></script>
</body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
