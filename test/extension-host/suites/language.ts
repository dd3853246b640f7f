import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { configText, open, until, workspaceFolder, write } from './support.ts';

suite('the config language', () => {
  test('completes keys and values, each once, whatever else offers words for YAML', async () => {
    const foreign = vscode.languages.registerCompletionItemProvider({ language: 'yaml' }, { provideCompletionItems: () => [new vscode.CompletionItem('experiment')] });
    try {
      const document = await open('completion.scrkd.yaml', 'version: 1\n\n');
      const list = await until('completions', async () => {
        const found = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, new vscode.Position(1, 0));
        return found.items.length > 0 ? found : undefined;
      });
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      assert.deepEqual(labels.filter((label) => label === 'experiment'), ['experiment']);
      assert.equal(new Set(labels).size, labels.length);
    } finally {
      foreign.dispose();
    }
  });

  test('finds what is wrong, each finding with its explanation behind its code', async () => {
    const document = await open('findings.scrkd.yaml', configText().replace('from: teacher', 'from: techer'));
    const finding = await until('the finding', () => vscode.languages.getDiagnostics(document.uri).find(({ message }) => message.includes('techer')));
    const code = finding.code as { value: string; target: vscode.Uri };
    assert.equal(code.target.scheme, 'command');
    assert.ok(code.target.toString(true).includes(code.value));
  });

  test('a quick fix puts the right name', async () => {
    const document = await open('fix.scrkd.yaml', configText().replace('from: teacher', 'from: techer'));
    const range = await until('the finding', () => vscode.languages.getDiagnostics(document.uri).find(({ message }) => message.includes('techer'))?.range);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range);
    const fix = actions.find(({ isPreferred }) => isPreferred === true);
    assert.ok(fix?.edit, `no preferred fix among ${actions.map(({ title }) => title).join(', ')}`);
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(document.getText(), configText());
  });

  test('lenses call the commands of the extension with what those take', async () => {
    const document = await open('lenses.scrkd.yaml', configText());
    const lenses = await until('lenses', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 20);
      return found.length > 0 ? found : undefined;
    });
    const starts = lenses.map(({ command }) => command).filter((command) => command?.command === 'scrkd.start');
    assert.deepEqual(
      starts.map((command) => (command!.arguments![0] as { stage?: string }).stage),
      [undefined, 'teacher', 'student'],
    );
    for (const command of starts) assert.equal((command!.arguments![0] as { config: vscode.Uri }).config.fsPath, document.uri.fsPath);
  });

  test('a stage is renamed in every config that refers to it', async () => {
    const base = await open('rename-base.scrkd.yaml', configText());
    const user = await write('rename-user.scrkd.yaml', 'version: 1\nexperiment: other\ndataset: { root: ./data }\nstages:\n  given: { use: rename-base.scrkd.yaml#teacher }\n');
    const edit = await until('the rename', async () => {
      const at = base.positionAt(base.getText().indexOf('teacher') + 1);
      const found = await vscode.commands.executeCommand<vscode.WorkspaceEdit | undefined>('vscode.executeDocumentRenameProvider', base.uri, at, 'professor').then(undefined, () => undefined);
      return (found?.size ?? 0) > 1 ? found : undefined;
    });
    await vscode.workspace.applyEdit(edit);
    const other = await vscode.workspace.openTextDocument(user);
    assert.match(other.getText(), /use: rename-base\.scrkd\.yaml#professor/);
    assert.match(base.getText(), /from: professor/);
    assert.doesNotMatch(base.getText(), /teacher/);
  });

  test('the server can be restarted and goes on', async () => {
    const document = await open('restart.scrkd.yaml', configText());
    await vscode.commands.executeCommand('scrkd.restartLanguageServer');
    const symbols = await until('symbols', async () => {
      const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', document.uri);
      return (found?.length ?? 0) > 0 ? found : undefined;
    });
    assert.deepEqual(symbols.find(({ name }) => name === 'stages')?.children.map(({ name }) => name), ['teacher', 'student']);
  });

  test('formatting keeps comments', async () => {
    const document = await open('format.scrkd.yaml', '# why\nversion:   1\nexperiment: format   # named\n');
    const edits = await until('edits', async () => {
      const found = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>('vscode.executeFormatDocumentProvider', document.uri, { tabSize: 2, insertSpaces: true });
      return (found?.length ?? 0) > 0 ? found : undefined;
    });
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, edits);
    await vscode.workspace.applyEdit(edit);
    assert.match(document.getText(), /^# why\nversion: 1\nexperiment: format +# named\n$/);
  });

  test('a folder named in a config is a link', async () => {
    const document = await open('links.scrkd.yaml', configText());
    const links = await until('links', async () => {
      const found = await vscode.commands.executeCommand<vscode.DocumentLink[] | undefined>('vscode.executeLinkProvider', document.uri);
      return (found?.length ?? 0) > 0 ? found : undefined;
    });
    assert.ok(links.some(({ target }) => target?.fsPath === join(workspaceFolder(), 'data')));
  });
});
