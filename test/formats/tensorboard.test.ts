import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EventFile, encodeRecord } from '../../src/formats/tensorboard/event-file.ts';
import { encodeEvent, type TensorBoardEvent } from '../../src/formats/tensorboard/event.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();

/** Made with TensorBoard 2.20's own Event messages and RecordWriter. */
const golden: [TensorBoardEvent, number, string][] = [
  [{ kind: 'file-version' }, 1.5, '1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c'],
  [{ kind: 'session-start', step: 16 }, 1.5, '0f000000000000006d532b0909000000000000f83f10103a0208010ffd429e'],
  [
    { kind: 'scalars', step: 300, values: { 'loss/total': 0.25, 'training/learning-rate': 2e-5, 'loss/dsd': NaN } },
    1700000000.25,
    '51000000000000009ca1d9bc0900001040fc54d94110ac022a430a110a0a6c6f73732f746f74616c150000803e0a1d0a16747261696e696e672f6c6561726e696e672d7261746515acc5a7370a0f0a086c6f73732f647364150000c07f09dd2e5c',
  ],
];

test.each(golden)('%o has the bytes that TensorBoard itself writes', (event, time, hex) => {
  expect(Buffer.from(encodeRecord(encodeEvent(event, time))).toString('hex')).toBe(hex);
});

test('a file begins with its version, and then has the events in their order', () => {
  const path = join(folder, 'events.out.tfevents.1');
  {
    using file = new EventFile(path, 1.5);
    for (const [event, time] of golden.slice(1)) file.append(event, time);
  }
  expect(readFileSync(path).toString('hex')).toBe(golden.map(([, , hex]) => hex).join(''));
});

test('a file is never written over, and a folder that is gone is an error', () => {
  const path = join(folder, 'events.out.tfevents.2');
  new EventFile(path, 0)[Symbol.dispose]();
  expect(() => new EventFile(path, 0)).toThrow('EEXIST');
  expect(() => new EventFile(join(folder, 'y', 'z'), 0)).toThrow('ENOENT');
});
