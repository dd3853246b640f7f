import * as vscode from 'vscode';
import type { Host } from '../host.ts';

/** The icon of a panel's tab: `media/NAME-light.svg` in light themes, `media/NAME-dark.svg` in dark ones. */
export function panelIcon({ extensionUri }: Host, name: 'file' | 'dashboard'): { readonly light: vscode.Uri; readonly dark: vscode.Uri } {
  const icon = (theme: 'light' | 'dark'): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', `${name}-${theme}.svg`);
  return { light: icon('light'), dark: icon('dark') };
}
