import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphStage, GraphToHost, GraphToPanel, GraphTransfer, StageGraph } from '../../src/protocol/graph.ts';
import { card, layersOf, layoutOf } from '../../webview/graph/layout.ts';
import { accessibilityFindings } from './stand/accessibility.ts';
import { noBrowser, Stand, type StandPanel } from './stand/stand.ts';

const stage = (name: string, side: number, role: GraphStage['role'], teaches: boolean, line: number): GraphStage => ({
  name,
  role,
  model: 'PSPNet · resnet50',
  resolution: { height: side, width: side },
  teaches,
  training: { epochs: 100, batchSize: 8, learningRate: 2e-5 },
  network: {
    parameters: 42_600_000,
    multiplyAccumulates: 79.5e9,
    features: [2, 4, 8, 16, 32].map((stride) => ({ height: Math.ceil(side / stride), width: Math.ceil(side / stride), channels: 256 })),
    peakBytes: 9.26e9,
  },
  lines: { first: line, last: line },
});

const transfer = (from: string, to: string, side: number): GraphTransfer => ({
  from,
  to,
  method: 'SCRKD',
  temperature: 1,
  terms: ['mvcd', 'msfd', 'dsd'].map((name) => ({
    name,
    description: 'What it compares.',
    weight: name === 'msfd' ? 0 : 1,
    pairs: [{ teacher: { name: 'F.1', height: side, width: side, channels: 256 }, student: { name: 'D2.1', height: side / 2, width: side / 2, channels: 256 }, comparedOn: { height: side / 2, width: side / 2, channels: 256 } }],
  })),
});

const cascade: StageGraph = {
  experiment: 'orssd-pspnet',
  stages: [stage('teacher', 448, 'plain', true, 4), stage('assistant', 224, 'distilled', true, 5), stage('a-student-with-a-name-that-is-rather-long', 112, 'distilled', false, 6), stage('baseline', 112, 'plain', false, 7)],
  transfers: [transfer('teacher', 'assistant', 224), transfer('assistant', 'a-student-with-a-name-that-is-rather-long', 112)],
  errors: 1,
};
const { stages, transfers } = cascade;

describe('the layout', () => {
  it('puts a stage one layer behind its teacher, and a plain one beside those it is compared with', () => {
    expect([...layersOf(stages, transfers)]).toEqual([
      ['teacher', 0],
      ['assistant', 1],
      ['a-student-with-a-name-that-is-rather-long', 2],
      ['baseline', 2],
    ]);
  });

  it.each([
    ['across', 1600],
    ['downwards', 600],
  ] as const)('goes %s where there are %d pixels; no two cards overlap, and all are inside', (direction, room) => {
    const layout = layoutOf(stages, transfers, room);
    expect(layout.direction).toBe(direction);
    const places = [...layout.places.values()];
    for (const [index, a] of places.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.y).toBeGreaterThanOrEqual(0);
      expect(a.x + card.width).toBeLessThanOrEqual(layout.width);
      expect(a.y + card.height).toBeLessThanOrEqual(layout.height);
      for (const b of places.slice(index + 1)) expect(Math.abs(a.x - b.x) >= card.width || Math.abs(a.y - b.y) >= card.height).toBe(true);
    }
    expect(layout.routes).toHaveLength(transfers.length);
  });

  it('has room for no stage and for one', () => {
    expect(layoutOf([], [], 800).places.size).toBe(0);
    expect(layoutOf([stages[3]!], [], 100).places.size).toBe(1);
  });
});

describe.skipIf(noBrowser !== undefined)('the panel', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await Stand.start();
  });
  afterAll(async () => stand.close());

  async function open(options: { theme?: 'dark' | 'light' | 'highContrast' | 'highContrastLight'; width?: number } = {}): Promise<StandPanel<GraphToHost, GraphToPanel>> {
    const panel = await stand.open<GraphToHost, GraphToPanel>({ panel: 'graph', width: 760, height: 1000, ...options });
    await panel.receive((message) => message.type === 'ready');
    await panel.post({ type: 'graph', file: 'orssd.scrkd.yaml', uri: 'file:///w/orssd.scrkd.yaml', graph: cascade });
    await panel.post({ type: 'cursor', stage: 'assistant' });
    await panel.page.locator('scrkd-stage-details h2').waitFor();
    return panel;
  }

  it.each(['dark', 'light', 'highContrast', 'highContrastLight'] as const)('can be read by everybody in the theme %s', async (theme) => {
    const panel = await open({ theme });
    expect(panel.problems).toEqual([]); // before axe, which writes style attributes of its own
    expect(await accessibilityFindings(panel.page)).toEqual([]);
    await panel.page.close();
  });

  it('cuts no text off but a name that says it whole when pointed at', async () => {
    const panel = await open();
    const cut = await panel.page.evaluate(() =>
      [...document.querySelectorAll('scrkd-stage-graph')].flatMap((graph) =>
        [...graph.shadowRoot!.querySelectorAll('scrkd-stage-card, scrkd-transfer-label')].flatMap((element) =>
          [...element.shadowRoot!.querySelectorAll<HTMLElement>('span, b, button')].filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1 && !part.hasAttribute('title')).map((part) => part.textContent.trim()),
        ),
      ),
    );
    expect(cut).toEqual([]);
    const name = panel.page.locator('scrkd-stage-card .name', { hasText: 'rather-long' });
    expect(await name.getAttribute('title')).toBe('a-student-with-a-name-that-is-rather-long');
    await panel.page.close();
  });

  it('says what is to be done when there is nothing to draw', async () => {
    const panel = await stand.open<GraphToHost, GraphToPanel>({ panel: 'graph' });
    await panel.receive((message) => message.type === 'ready');
    await panel.post({ type: 'empty', reason: 'no-config' });
    await panel.page.getByRole('button', { name: 'Open a Config' }).click();
    await panel.receive((message) => message.type === 'open-config');
    expect(await accessibilityFindings(panel.page)).toEqual([]);
    await panel.page.close();
  });
});
