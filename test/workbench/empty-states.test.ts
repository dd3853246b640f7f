/** What the views say where there is nothing yet. */
import { test } from 'vitest';
import { describeInVSCode, startPackaged } from './support.ts';

describeInVSCode('empty states', (version) => {
  test('a folder without configs shows the next action', async () => {
    await using started = await startPackaged({ version, files: { 'readme.txt': 'nothing' } });
    await started.workbench.showContainer('SCRKD');
    await started.workbench.view('Runs').getByText('No distillation config in this folder.').waitFor();
    await started.workbench.view('Datasets').getByText('No dataset found in this folder.').waitFor();
    await started.workbench.screenshot(`no-configs-${version}`);
  });
});
