import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withTensorFile } from '../../src/formats/open-tensor-file.ts';
import { archive, bytesOf, dictPickle, global, int, legacyFile, storage, tensor, text, tuple } from './support/pickles.ts';
import { readAll, refusalOf, scratchFolder, writeIn } from './support/scratch.ts';

const fixtures = join(import.meta.dirname, '../fixtures/pytorch');
const folder = scratchFolder();
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const values = (path: string): Promise<Record<string, unknown>> =>
  readAll(path).then((tensors) => Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, [dtype, shape, [...(data as Iterable<number>)]]])));

describe('what torch.save writes', () => {
  test.each([
    ['tensors.pth', 'pytorch-zip'],
    ['tensors-protocol-4.pth', 'pytorch-zip'],
    ['tensors-legacy.pth', 'pytorch-legacy'],
  ])('%s: every type, and views of any strides', async (name, format) => {
    const path = join(fixtures, name);
    expect(await withTensorFile(path, (file) => Promise.resolve(file.format))).toBe(format);
    const transposed = range(4).flatMap((last) => range(6).map((rest) => rest * 4 + last));
    expect(await values(path)).toEqual({
      plain: ['F32', [2, 3, 4], range(24)],
      transposed: ['F32', [4, 2, 3], transposed],
      sliced: ['F32', [2, 2, 2], [4, 6, 8, 10, 16, 18, 20, 22]],
      expanded: ['F32', [3, 2], [1, 1, 1, 1, 1, 1]],
      parameter: ['F32', [3, 4], range(12)],
      half: ['F16', [2], [0x3c00, 0xc100]],
      bfloat16: ['BF16', [2], [0x3f80, 0xc020]],
      double: ['F64', [1], [0.1]],
      long: ['I64', [], [-7n]],
      int: ['I32', [3], [0, 1, 2]],
      short: ['I16', [3], [0, 1, 2]],
      char: ['I8', [3], [0, 1, 2]],
      byte: ['U8', [3], [0, 1, 2]],
      bool: ['BOOL', [2], [1, 0]],
      empty: ['F32', [0, 3], []],
    });
  });

  test('a state dict beside an optimizer is found, with what is noted beside it', async () => {
    await withTensorFile(join(fixtures, 'training.pth'), async (file) => {
      expect([...file.tensors.keys()]).toEqual(['module.weight', 'module.bias']);
      expect(file.metadata).toEqual({ epoch: '7', arch: 'linear' });
      expect([...((await file.read('module.weight')).data as Float32Array)]).toEqual([1, 2]);
    });
  });

  test('a whole module and a program are refused, and say what to save instead', async () => {
    const module = await refusalOf(join(fixtures, 'module.pth'));
    expect([module.reason, module.message]).toEqual(['refused', expect.stringContaining('torch.nn.modules.linear.Linear')]);
    expect(module.message).toContain('torch.save(model.state_dict()');
    const script = await refusalOf(join(fixtures, 'script.pt'));
    expect([script.reason, script.message]).toEqual(['unsupported', expect.stringContaining('TorchScript')]);
  });

  test('parameters of PyTorch before 0.4: made by a call, or made empty and filled by BUILD', async () => {
    const old = [...global('torch._utils', '_rebuild_tensor'), ...tuple(storage('k', 2), int(0), tuple(int(2)), tuple(int(1))), ...bytesOf('R')];
    const called = [...global('torch.nn.parameter', 'Parameter'), ...tuple(old, bytesOf(0x88)), ...bytesOf('R')];
    const built = [...global('torch.nn.parameter', 'Parameter'), ...bytesOf(')', 0x81), ...tuple(old, bytesOf('N'), bytesOf('N'), bytesOf(0x88), bytesOf(0x89)), ...bytesOf('b')];
    const path = writeIn(folder, 'old.pth', legacyFile(dictPickle({ called, built }), { k: Float32Array.of(1, 2) }));
    expect(await values(path)).toEqual({ called: ['F32', [2], [1, 2]], built: ['F32', [2], [1, 2]] });
  });

  test('storages that are views of others, in the old format', async () => {
    const view = bytesOf(...tuple(text('storage'), global('torch', 'FloatStorage'), text('k'), text('cpu'), int(4), tuple(text('v'), int(1), int(2))), 'Q');
    const path = writeIn(folder, 'views.pth', legacyFile(dictPickle({ x: tensor(view, [2], [1]) }), { k: Float32Array.of(1, 2, 3, 4) }));
    expect(await values(path)).toEqual({ x: ['F32', [2], [2, 3]] });
  });
});

const four = { 'archive/data/0': new Uint8Array(16) };
const x = (pickled: readonly number[]): number[] => dictPickle({ x: pickled });
const system = [...global('os', 'system'), ...tuple(text('touch pwned')), ...bytesOf('R')];

describe('hostile pickles are refused, each by what it asks for', () => {
  test.each<[string, readonly number[], string, string]>([
    ['a call of os.system', x(system), 'refused', 'os.system'],
    ['the same as posix', x([...global('posix', 'system'), ...tuple(text('id')), ...bytesOf('R')]), 'refused', 'posix.system'],
    ['builtins.eval', x(global('builtins', 'eval')), 'refused', 'builtins.eval'],
    ['a name from the stack', x([...text('builtins'), ...text('exec'), 0x93]), 'refused', 'builtins.exec'],
    ['a name that hides in an allowed module', x(global('torch', 'load')), 'refused', 'torch.load'],
    ['a dotted name', x(global('collections', 'OrderedDict.fromkeys')), 'refused', 'OrderedDict.fromkeys'],
    ['__builtin__ of Python 2', x(global('__builtin__', 'apply')), 'refused', '__builtin__.apply'],
    ['a name with control characters', x(global('os\x1b[2J', 'system')), 'refused', 'os?[2J.system'],
    ['INST', x(bytesOf('(', text('id'), 'ios\nsystem\n')), 'refused', 'INST'],
    ['OBJ', x(bytesOf('(', global('torch', 'Size'), 'o')), 'refused', 'OBJ'],
    ['NEWOBJ_EX', x(bytesOf(global('torch', 'Size'), ')}', 0x92)), 'refused', 'NEWOBJ_EX'],
    ['a registered extension', x(bytesOf(0x82, 1)), 'refused', 'EXT1'],
    ['BUILD of a plain dict', x(bytesOf('}}b')), 'refused', 'BUILD'],
    ['BUILD of a tensor', x([...tensor(storage('0', 4), [4], [1]), ...bytesOf(')b')]), 'refused', 'BUILD'],
    ['a storage without data', x(bytesOf(global('torch', 'FloatStorage'), ')R')), 'refused', 'storage'],
    ['an external reference that is no storage', x(bytesOf(tuple(text('module'), global('torch', 'Size')), 'Q')), 'refused', 'module'],
    ['a reference by text', x(bytesOf('P../../etc/passwd\n')), 'refused', 'PERSID'],
    ['a storage of objects', x(storage('0', 4, 'UntypedStorage')), 'refused', 'UntypedStorage'],
    ['a call of what is no function', x(bytesOf(text('os.system'), ')R')), 'bad-header', 'REDUCE'],
    ['a number of 4 GB', x(bytesOf(0x8b, [0xff, 0xff, 0xff, 0x7f])), 'refused', 'LONG4'],
    ['a text longer than the file', x(bytesOf('X', [0xff, 0xff, 0xff, 0xff])), 'truncated', 'pickle'],
    ['an empty stack', bytesOf(0x80, 2, 'R.'), 'bad-header', 'stack'],
    ['values from before a mark', bytesOf(0x80, 2, '})(su.'), 'bad-header', 'stack'],
    ['no end', bytesOf(0x80, 2, '}'), 'truncated', 'pickle'],
    ['an unknown instruction', bytesOf(0x80, 2, 0xff, '.'), 'refused', '0xff'],
    ['a memory that is not there', x(bytesOf('h', 9)), 'bad-header', 'GET'],
    ['more values than any network', bytesOf(0x80, 2, Array.from({ length: 3_000_001 }, () => 0x7d), '.'), 'too-large', 'values'],
    ['a pickle beyond all networks', bytesOf(0x80, 2, 'X', [0, 0, 0, 1], Array.from({ length: 16 * 1024 * 1024 + 16 }, () => 0x20), '.'), 'too-large', 'data.pkl'],
  ])('%s', async (name, pickle, reason, named) => {
    const error = await refusalOf(writeIn(folder, `${name.replace(/\W/g, '-')}.pth`, await archive(pickle, four)));
    expect([error.reason, error.message]).toEqual([reason, expect.stringContaining(named)]);
  });

  test.each<[string, readonly number[], string]>([
    ['more than its storage holds', tensor(storage('0', 4), [5], [1]), 'bad-tensor'],
    ['a storage that the archive has smaller', tensor(storage('0', 1e9), [1e9], [1]), 'bad-tensor'],
    ['a storage that the archive does not have', tensor(storage('../../0', 4), [4], [1]), 'bad-tensor'],
    ['an offset beyond its storage', tensor(storage('0', 4), [1], [1], 4), 'bad-tensor'],
    ['sizes whose product overflows', tensor(storage('0', 4), [2 ** 40, 2 ** 40], [0, 0]), 'bad-tensor'],
    ['strides whose sum overflows', tensor(storage('0', 4), [2, 2], [2 ** 52, 2 ** 52]), 'bad-tensor'],
    ['one value repeated to terabytes', tensor(storage('0', 4), [2 ** 20, 2 ** 20], [0, 0]), 'too-large'],
    ['negative sizes', tensor(storage('0', 4), [-1, -1], [1, 1]), 'bad-header'],
    ['negative strides', tensor(storage('0', 4), [2], [-1], 3), 'bad-header'],
    ['fewer strides than sizes', tensor(storage('0', 4), [2, 2], [1]), 'bad-header'],
    ['a thousand dimensions', tensor(storage('0', 4), range(1000).map(() => 1), range(1000).map(() => 1)), 'bad-header'],
    ['no storage', tensor(text('0'), [1], [1]), 'bad-header'],
  ])('a tensor with %s', async (name, pickled, reason) => {
    const error = await refusalOf(writeIn(folder, `tensor-${name.replace(/\W/g, '-')}.pth`, await archive(x(pickled), four)));
    expect(error.reason).toBe(reason);
  });

  test('many views of one storage that together would fill a disk', async () => {
    const views = Object.fromEntries(range(64).map((i) => [`t${i}`, tensor(storage('0', 4), [2 ** 11, 2 ** 11], [0, 0])]));
    expect((await refusalOf(writeIn(folder, 'many-views.pth', await archive(dictPickle(views), four)))).reason).toBe('too-large');
  });

  test('containers within containers, a hundred thousand deep, and containers that hold themselves', async () => {
    const deep = bytesOf(']'.repeat(100_000), 'a'.repeat(99_999));
    expect((await refusalOf(writeIn(folder, 'deep.pth', await archive(x(deep), four)))).reason).toBe('unsupported');
    const circular = bytesOf(0x80, 2, '}q', 0, text('state_dict'), 'h', 0, 's.');
    expect((await refusalOf(writeIn(folder, 'circle.pth', await archive(circular, four)))).reason).toBe('unsupported');
  });

  test('a list that doubles with every instruction stays as small as its pickle', async () => {
    const doubling = bytesOf(']q', 0, ...range(200).flatMap((i) => ['(h', i, 'h', i, 'lq', i + 1]));
    expect((await refusalOf(writeIn(folder, 'doubling.pth', await archive(x(doubling), four)))).reason).toBe('refused'); // LIST is of protocol 0
    const tuples = bytesOf(')q', 0, ...range(200).flatMap((i) => ['h', i, 'h', i, 0x86, 'q', i + 1]));
    expect((await refusalOf(writeIn(folder, 'doubling-tuples.pth', await archive(x(tuples), four)))).reason).toBe('unsupported');
  });

  test('the same code in the old format', async () => {
    const error = await refusalOf(writeIn(folder, 'legacy-system.pth', legacyFile(x(system))));
    expect([error.reason, error.message]).toEqual(['refused', expect.stringContaining('os.system')]);
  });
});

describe('damaged and hostile archives', () => {
  const good = readFileSync(join(fixtures, 'tensors.pth'));
  const legacy = readFileSync(join(fixtures, 'tensors-legacy.pth'));
  const changed = (bytes: Uint8Array, change: (view: DataView, bytes: Uint8Array) => void): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    change(new DataView(copy.buffer), copy);
    return copy;
  };
  const central = good.indexOf('PK\x01\x02', 'latin1');
  /** Of the first entry, compressed and not. */
  const withSize = (size: number): Uint8Array =>
    changed(good, (view) => {
      for (const field of [20, 24]) view.setUint32(central + field, size, true);
    });

  test.each<[string, Uint8Array, string]>([
    ['cut in the middle', good.subarray(0, 3000), 'truncated'],
    ['without its last bytes', good.subarray(0, good.length - 30), 'truncated'],
    ['compressed', changed(good, (view) => view.setUint16(central + 10, 8, true)), 'unsupported'],
    ['encrypted', changed(good, (view) => view.setUint16(central + 8, 1, true)), 'unsupported'],
    ['an entry larger than the file', withSize(1e9), 'truncated'],
    ['an entry of exabytes', withSize(0xffffffff), 'truncated'],
    ['an entry that begins elsewhere', changed(good, (view) => view.setUint32(central + 42, 5, true)), 'bad-header'],
    ['a directory without entries', changed(good, (_, bytes) => bytes.fill(0, central, central + 4)), 'bad-header'],
    ['an end without archive', Uint8Array.from([...Buffer.from('PK\x05\x06', 'latin1'), ...new Uint8Array(18)]), 'bad-header'],
    ['the old format, cut', legacy.subarray(0, legacy.length - 5), 'truncated'],
    ['the old format, cut in its pickle', legacy.subarray(0, 200), 'truncated'],
    ['the old format with a storage of another size', changed(legacy, (view) => view.setUint8(legacy.indexOf(new Uint8Array(Float32Array.from(range(24)).buffer)) - 8, 99)), 'bad-tensor'],
    ['another pickle', Uint8Array.from(dictPickle({})), 'bad-header'],
    ['nothing', new Uint8Array(), 'unsupported'],
    ['text', Buffer.from('hello, this is no tensor file'), 'unsupported'],
  ])('%s', async (name, bytes, reason) => {
    expect((await refusalOf(writeIn(folder, `damaged-${name.replace(/\W/g, '-')}.pth`, bytes))).reason).toBe(reason);
  });

  test('names are no paths: nothing is looked up outside the archive', async () => {
    const outside = await archive(x(tensor(storage('0', 4), [4], [1])), { '../../data/0': new Uint8Array(16), '/etc/passwd': new Uint8Array(16) });
    expect((await refusalOf(writeIn(folder, 'outside.pth', outside))).reason).toBe('bad-tensor');
  });

  test('a big-endian archive', async () => {
    const bytes = await archive(x(tensor(storage('0', 4), [4], [1])), { ...four, 'archive/byteorder': Buffer.from('big') });
    expect((await refusalOf(writeIn(folder, 'big.pth', bytes))).reason).toBe('unsupported');
  });

  test('a file that is not there, and a folder', async () => {
    expect((await refusalOf(join(folder, 'gone.pth'))).reason).toBe('unreadable');
    expect((await refusalOf(folder)).reason).toBe('unreadable');
  });
});
