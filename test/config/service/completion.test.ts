/** In completion/ every █ is a cursor; what is proposed there stands beside the file. */
import { describe, expect, test } from 'vitest';
import { complete, type Completion } from '../../../src/config/service/completion.ts';
import { atLine, disk, marked, markedFiles, readMarked } from './support.ts';

function line({ kind, label, insert, detail = '', continues, range }: Completion): string {
  const replaced = range.end.character - range.start.character;
  return `  ${kind.padEnd(8)} ${label.padEnd(22)} ${JSON.stringify(insert)}${replaced > 0 ? ` for ${String(replaced)}` : ''}${continues === true ? ' …' : ''}  ${detail}`.trimEnd();
}

describe('what is proposed in', () => {
  test.each(markedFiles('completion'))('%s', async (name) => {
    const { document, offsets } = readMarked('completion', name);
    expect(offsets.length).toBeGreaterThan(0);
    const parts: string[] = [];
    for (const offset of offsets) {
      const completions = await complete({ document, providers: disk }, offset);
      parts.push([atLine(document, offset), ...completions.map(line)].join('\n'));
    }
    await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot(`completion/${name.replace('.scrkd.yaml', '.expected.txt')}`);
  });
});

test('every field has documentation with what it accepts', async () => {
  const { document, offsets } = marked('training:\n  optimizer: { █ }\n');
  const [rate] = (await complete({ document, providers: {} }, offsets[0]!)).filter(({ label }) => label === 'learningRate');
  expect(rate?.documentation).toContain('Step size.');
  expect(rate?.documentation).toContain('Accepts a number above 0 and at most 1. Default: `2.0e-5`.');
});

test('an enum value is explained by its own part of the description', async () => {
  const { document, offsets } = marked('training: { augmentation: █ }\n');
  const completions = await complete({ document, providers: {} }, offsets[0]!);
  expect(completions.map(({ label, documentation }) => [label, documentation])).toEqual([
    ['default', 'The eight flips and quarter turns.'],
    ['official', 'The same, but a turn crops images that are not square.'],
    ['none', 'As they are.'],
  ]);
});
