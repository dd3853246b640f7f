import { expect, test } from 'vitest';
import { describeInVSCode, startPackaged } from './support.ts';

describeInVSCode('the packaged extension', (version) => {
  test('is installed, and configs are of its language', async () => {
    await using vscode = await startPackaged({ version, files: { 'first.scrkd.yaml': 'version: 1\nexperiment: first\n' } });
    const { workbench } = vscode;
    await workbench.openFile('first.scrkd.yaml');
    await workbench.statusBarItem('SCRKD experiment').waitFor();
    expect(await workbench.tab('first.scrkd.yaml').count()).toBe(1);
    await workbench.screenshot(`installed-${version}`);
  });
});
