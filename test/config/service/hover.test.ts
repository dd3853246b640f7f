/** In hover/ every █ is a pointer; what is shown there stands beside the file. */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hoverAt } from '../../../src/config/service/hover.ts';
import type { EditorProviders } from '../../../src/config/service/providers.ts';
import { atLine, described, here, markedFiles, readMarked, resolved } from './support.ts';

const providers: EditorProviders = {
  readText: (file) => readFile(path.join(here, file), 'utf8'),
  describeStage: (stage) => Promise.resolve(described(stage)),
};

describe('what is shown in', () => {
  test.each(markedFiles('hover'))('%s', async (name) => {
    const { document, offsets } = readMarked('hover', name);
    expect(offsets.length).toBeGreaterThan(0);
    const context = { document, providers, resolved: await resolved(document, providers) };
    const parts: string[] = [];
    for (const offset of offsets) {
      const hover = await hoverAt(context, offset);
      const word = hover === undefined ? '' : document.text.slice(document.source.lines.lineStarts[hover.range.start.line]! + hover.range.start.character).slice(0, hover.range.start.line === hover.range.end.line ? hover.range.end.character - hover.range.start.character : 20);
      parts.push(`${atLine(document, offset)}\n${hover === undefined ? '(nothing)' : `[${word}]\n${hover.text}`}`);
    }
    await expect(`${parts.join('\n\n----\n')}\n`).toMatchFileSnapshot(`hover/${name.replace('.scrkd.yaml', '.expected.txt')}`);
  });
});
