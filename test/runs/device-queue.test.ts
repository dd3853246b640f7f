import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acquireDevice, cacheDirectory, moveWaiting, waitingLaunches } from '../../src/runs/device-queue.ts';
import { bundleChild, startChild } from './support/child.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const user = bundleChild('use-device');

describe('device queue', () => {
  test('three processes get the device in the order they came, and see how many come first', async () => {
    const cache = temporaryFolder();
    const first = startChild(user, { arguments: [cache] });
    expect(await first.line()).toBe('acquired');
    const second = startChild(user, { arguments: [cache] });
    expect(await second.line()).toBe('waiting 1');
    const third = startChild(user, { arguments: [cache] });
    expect(await third.line()).toBe('waiting 2');
    first.process.stdin!.write('go\n');
    expect(await first.line()).toBe('released');
    expect(await second.line()).toBe('acquired');
    expect(await third.line()).toBe('waiting 1');
    second.process.stdin!.write('go\n');
    expect(await third.line()).toBe('acquired');
  });

  test('killed processes give way: the holder and one that waits', async () => {
    const cache = temporaryFolder();
    const first = startChild(user, { arguments: [cache] });
    expect(await first.line()).toBe('acquired');
    const second = startChild(user, { arguments: [cache] });
    expect(await second.line()).toBe('waiting 1');
    const third = startChild(user, { arguments: [cache] });
    expect(await third.line()).toBe('waiting 2');
    await second.kill();
    expect(await third.line()).toBe('waiting 1');
    await first.kill();
    expect(await third.line()).toBe('acquired');
  });

  test('who waits can be moved forward, and the trainers follow', async () => {
    const cache = temporaryFolder();
    const first = startChild(user, { arguments: [cache] });
    expect(await first.line()).toBe('acquired');
    const second = startChild(user, { arguments: [cache] });
    expect(await second.line()).toBe('waiting 1');
    const third = startChild(user, { arguments: [cache] });
    expect(await third.line()).toBe('waiting 2');
    const pids = (): number[] => waitingLaunches('cpu', cache).map(({ owner }) => owner.pid);
    expect(pids()).toEqual([second.process.pid, third.process.pid]);
    const { owner } = waitingLaunches('cpu', cache)[1]!;
    expect(moveWaiting('cpu', cache, owner, 0)).toBe(true);
    expect(pids()).toEqual([third.process.pid, second.process.pid]);
    expect(await third.line()).toBe('waiting 1');
    expect(await second.line()).toBe('waiting 2');
    first.process.stdin!.write('go\n');
    expect(await third.line()).toBe('acquired');
    expect(moveWaiting('cpu', cache, { pid: 1, processStart: 'nobody' }, 0)).toBe(false);
  });

  test('who is cancelled leaves the queue; other devices are free', async () => {
    const cache = temporaryFolder();
    using lease = await acquireDevice('cpu', { cache });
    expect(lease.held).toBe(true);
    using other = await acquireDevice('cuda:0', { cache });
    expect(other.device).toBe('cuda:0');
    const cancel = new AbortController();
    const waiting = acquireDevice('cpu', { cache, signal: cancel.signal, onWaiting: () => cancel.abort() });
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled' });
    lease.release();
    (await acquireDevice('cpu', { cache, onWaiting: () => expect.fail('nobody is there') })).release();
  });

  test('the cache folder', () => {
    expect(cacheDirectory({ SCRKD_CACHE: '/a', XDG_CACHE_HOME: '/b' }, 'linux')).toBe('/a');
    expect(cacheDirectory({ XDG_CACHE_HOME: '/b' }, 'linux')).toBe(join('/b', 'scrkd'));
    expect(cacheDirectory({}, 'linux')).toMatch(/\.cache.scrkd$/);
    expect(cacheDirectory({}, 'darwin')).toMatch(/Library.Caches.scrkd$/);
    expect(cacheDirectory({ LOCALAPPDATA: 'C:\\L' }, 'win32')).toBe(join('C:\\L', 'scrkd', 'Cache'));
  });
});
