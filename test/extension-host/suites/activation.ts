import assert from 'node:assert/strict';
import * as vscode from 'vscode';

suite('activation', () => {
  test('the extension can be activated', async () => {
    const extension = vscode.extensions.getExtension('scrkd.scrkd-vscode');
    assert.ok(extension, 'the extension is not installed');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test('configs are of a language of their own', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'scrkd', content: 'version: 1\n' });
    assert.equal(document.languageId, 'scrkd');
    const languages = await vscode.languages.getLanguages();
    assert.ok(languages.includes('scrkd'));
  });
});
