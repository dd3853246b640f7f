import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, Stand } from './stand/stand.ts';

describe.skipIf(noBrowser !== undefined)('the stand', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await Stand.start();
  });
  afterAll(() => stand.close());

  it('reports what the content policy refuses', async () => {
    const panel = await stand.open({ panel: 'dashboard' });
    expect(panel.problems).toEqual([]);
    await panel.page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p style="color: red">inline</p>'));
    await panel.settle();
    expect(panel.problems.join()).toContain('Content Security Policy');
    await panel.close();
  });

  it('dresses the page as the theme asks before the panel runs', async () => {
    const colours = new Set<string>();
    for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
      const panel = await stand.open({ panel: 'dashboard', theme });
      colours.add(await panel.page.evaluate(() => `${getComputedStyle(document.body).color} on ${getComputedStyle(document.body).backgroundColor}`));
      await panel.close();
    }
    expect(colours.size).toBe(4);
  });
});
