import { expect, test, vi } from 'vitest';
import { NoAnswerError, Patience } from '../../src/language-server/patience.ts';

function silent<T>(): { promise: Promise<T>; answer: (value: T) => void } {
  let answer: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer };
}

test('an answer holds for a while, then it is asked for again', async () => {
  vi.useFakeTimers();
  try {
    const patience = new Patience({ patience: 100, lifetime: 1000, onLate: () => undefined });
    const ask = vi.fn(() => Promise.resolve('there'));
    expect(await patience.ask('exists a', ask)).toBe('there');
    expect(await patience.ask('exists a', ask)).toBe('there');
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1001);
    await patience.ask('exists a', ask);
    expect(ask).toHaveBeenCalledTimes(2);
    patience.forget();
    await patience.ask('exists a', ask);
    expect(ask).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});

test('a folder that hangs is waited for once, given up at once afterwards, and asked only once', async () => {
  vi.useFakeTimers();
  try {
    const onLate = vi.fn();
    const patience = new Patience({ patience: 100, lifetime: 1000, onLate });
    const { promise, answer } = silent<string>();
    const ask = vi.fn(() => promise);
    const first = patience.ask('folder /net', ask);
    const refused = expect(first).rejects.toThrow(NoAnswerError);
    await vi.advanceTimersByTimeAsync(100);
    await refused;
    await expect(patience.ask('folder /net', ask)).rejects.toThrow("'/net' does not answer");
    expect(ask).toHaveBeenCalledTimes(1);
    expect(onLate).not.toHaveBeenCalled();
    answer('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(onLate).toHaveBeenCalledTimes(1);
    expect(await patience.ask('folder /net', ask)).toBe('late');
    expect(ask).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test('what an answer failed with is passed on and asked again later', async () => {
  const patience = new Patience({ patience: 100, lifetime: 0, onLate: () => undefined });
  await expect(patience.ask('text a', () => Promise.reject(new Error('no such file')))).rejects.toThrow('no such file');
});
