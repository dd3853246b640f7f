/** Proof that an engine computes: the gradients of a convolution against sums written out here. */
import '../gradients.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { Engine, HostTensor, HostTensors } from '../engine.ts';
import { EngineError } from '../errors.ts';

const size = 5;
const channels = 2;
const tolerance = 1e-5;

function wave(shape: readonly number[], frequency: number): HostTensor {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, i) => Math.sin(frequency * (i + 1))) };
}

/** Σ w·conv(x, f) differentiated by f: every tap sums its products itself. */
function reference({ x, f, w }: Record<'x' | 'f' | 'w', HostTensor>): Float64Array {
  const gradient = new Float64Array(f.data.length);
  const at = (row: number, column: number, channel: number): number => (row < 0 || column < 0 || row >= size || column >= size ? 0 : x.data[(row * size + column) * channels + channel]!);
  for (let tapRow = 0; tapRow < 3; tapRow++) {
    for (let tapColumn = 0; tapColumn < 3; tapColumn++) {
      for (let i = 0; i < channels; i++) {
        for (let o = 0; o < channels; o++) {
          let sum = 0;
          for (let row = 0; row < size; row++) {
            for (let column = 0; column < size; column++) sum += at(row + tapRow - 1, column + tapColumn - 1, i) * w.data[(row * size + column) * channels + o]!;
          }
          gradient[((tapRow * 3 + tapColumn) * channels + i) * channels + o] = sum;
        }
      }
    }
  }
  return gradient;
}

/** @throws {EngineError} `runtime` when the numbers are not those of the sums */
export async function prove(engine: Engine): Promise<void> {
  const given = { x: wave([1, size, size, channels], 0.7), f: wave([3, 3, channels, channels], 0.3), w: wave([1, size, size, channels], 1.1) };
  const shapes = Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, { kind: 'feed' as const, shape }]));
  await using program = await engine.compile(({ x, f, w }) => {
    const loss = (filter: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'), w!));
    return { gradient: tf.grad(loss)(f!) };
  }, shapes);
  const { gradient } = (await program.run(given satisfies HostTensors)) as { gradient: HostTensor };
  const worst = Math.max(...Array.from(reference(given), (value, i) => Math.abs(value - gradient.data[i]!)));
  if (!(worst < tolerance)) throw new EngineError('runtime', l10n.t('{0} computes a wrong gradient of a convolution: off by {1}.', engine.name, String(worst)));
}
