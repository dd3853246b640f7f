import { describe, expect, test } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/formats/npy.ts';

describe('npy', () => {
  test('is byte for byte what numpy.save writes', () => {
    // np.save(f, np.array([[1, 2]], dtype='<i4'))
    const header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }".padEnd(117, ' ') + '\n';
    const expected = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([1, 0, 118, 0]), Buffer.from(header), Buffer.from([1, 0, 0, 0, 2, 0, 0, 0])]);
    expect(Buffer.from(encodeNpy('I32', [1, 2], Int32Array.of(1, 2))).toString('latin1')).toBe(expected.toString('latin1'));
  });

  test.each([
    ['F32', [2, 2], Float32Array.of(1, 2, 3, 4)],
    ['F16', [2], Uint16Array.of(0x3c00, 1)],
    ['I64', [], BigInt64Array.of(5n)],
    ['U8', [3], Uint8Array.of(1, 2, 3)],
    ['BOOL', [1], Uint8Array.of(1)],
    ['F64', [0, 5], new Float64Array()],
  ] as const)('%s %j comes back', (dtype, shape, data) => {
    expect(decodeNpy(encodeNpy(dtype, shape, data), 'a.npy')).toEqual({ dtype, shape, data });
  });

  test('bad files are refused by name', () => {
    const good = encodeNpy('F32', [2], Float32Array.of(1, 2));
    const text = (from: string, to: string): Uint8Array => Buffer.from(Buffer.from(good).toString('latin1').replace(from, to), 'latin1');
    expect(() => decodeNpy(good.subarray(0, 5), 'a.npy')).toThrow(/^a\.npy: is not/);
    expect(() => decodeNpy(good.subarray(0, 20), 'a.npy')).toThrow(/ends within/);
    expect(() => decodeNpy(good.subarray(0, good.length - 1), 'a.npy')).toThrow(/7 bytes of data, its shape \[2\] needs 8/);
    expect(() => decodeNpy(text('<f4', '>f4'), 'a.npy')).toThrow(/">f4", which is not supported/);
    expect(() => decodeNpy(text("'descr'", "'descc'"), 'a.npy')).toThrow(/names no type/);
    expect(() => decodeNpy(text('(2,), }', '(2,3),}'), 'a.npy')).toThrow(/needs 24/);
    const fortran = encodeNpy('F32', [2, 1], Float32Array.of(1, 2));
    expect(() => decodeNpy(Buffer.from(Buffer.from(fortran).toString('latin1').replace('False', 'True '), 'latin1'), 'a.npy')).toThrow(/Fortran/);
  });
});
