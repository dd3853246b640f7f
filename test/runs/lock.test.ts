import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '../../src/runs/liveness.ts';
import { isLocked, Lock } from '../../src/runs/lock.ts';
import { bundleChild, startChild } from './support/child.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const holder = bundleChild('hold-locks');
const taker = bundleChild('take-locks');

const foreign = (changes: object): string => `${JSON.stringify({ v: 1, token: 'T', ...thisProcess(), time: new Date().toISOString(), ...changes })} `;

describe('lock', () => {
  test('one holder at a time, also within a process', () => {
    const path = join(temporaryFolder(), 'lock');
    const lock = Lock.acquire(path);
    expect(isLocked(path)).toBe(true);
    expect(() => Lock.acquire(path)).toThrow(expect.objectContaining({ reason: 'locked', message: expect.stringContaining(`process ${process.pid} on`) as string }));
    lock.release();
    expect(existsSync(path)).toBe(false);
    Lock.acquire(path).release();
  });

  test('a live process keeps its lock, a killed one loses it at once', async () => {
    const folder = temporaryFolder();
    const child = startChild(holder, { arguments: [folder, '1'] });
    expect(await child.line()).toBe('holding');
    const path = join(folder, 'lock-0');
    expect(() => Lock.acquire(path)).toThrow(/is held by process/);
    child.process.kill('SIGKILL'); // not waited for: until its parent looks, it is a zombie, and dead all the same
    await expect.poll(() => isLocked(path)).toBe(false);
    Lock.acquire(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a pid used again is not the owner', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, foreign({ processStart: 'another' }));
    Lock.acquire(path).release();
    writeFileSync(path, foreign({ bootId: 'before-the-restart/pid:[1]' }));
    Lock.acquire(path).release();
  });

  test('a lock of another host or container is dead after 60 s without a sign, by the file system’s clock', () => {
    for (const changes of [{ host: 'elsewhere' }, { bootId: `${thisProcess().bootId.split('/')[0]!}/pid:[1]` }]) {
      const path = join(temporaryFolder(), 'lock');
      writeFileSync(path, foreign(changes));
      expect(() => Lock.acquire(path)).toThrow(/is held/);
      const seconds = Date.now() / 1000;
      utimesSync(path, seconds - 50, seconds - 50);
      expect(() => Lock.acquire(path)).toThrow(/is held/);
      utimesSync(path, seconds - 70, seconds - 70);
      Lock.acquire(path).release();
    }
  });

  test('a lock whose owner was killed before it could write its name (no hard links) is dead after 60 s', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, '');
    expect(() => Lock.acquire(path)).toThrow(/is being taken/);
    utimesSync(path, Date.now() / 1000 - 70, Date.now() / 1000 - 70);
    Lock.acquire(path).release();
  });

  test('refresh renews the time, and tells when another process took over', () => {
    const path = join(temporaryFolder(), 'lock');
    const lock = Lock.acquire(path);
    utimesSync(path, 1, 1);
    expect(lock.refresh()).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(lock.owner.token);
    expect(() => Lock.acquire(path)).toThrow(/is held/);
    writeFileSync(path, foreign({}));
    expect(lock.refresh()).toBe(false);
    lock.release();
    expect(readFileSync(path, 'utf8')).toContain('"T"'); // not ours to remove
  });

  test('a taker that died with a claim in hand is followed', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'lock');
    const dead = { processStart: 'another' };
    writeFileSync(path, foreign({ ...dead, token: 'A' }));
    writeFileSync(`${path}.after-A`, foreign({ ...dead, token: 'B' }));
    writeFileSync(`${path}.after-B`, foreign({ ...dead, token: 'C' }));
    const lock = Lock.acquire(path);
    expect(readFileSync(path, 'utf8')).toContain(lock.owner.token);
    expect(readdirSync(folder)).toEqual(['lock']);
    lock.release();
  });

  test('a live taker is respected while it takes over', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, foreign({ processStart: 'another', token: 'A' }));
    writeFileSync(`${path}.after-A`, foreign({ token: 'B' }));
    expect(() => Lock.acquire(path)).toThrow(/is held/);
  });

  test('of three processes that take over a dead lock at once, exactly one wins, 60 times', async () => {
    const folder = temporaryFolder();
    const rounds = 60;
    const dead = startChild(holder, { arguments: [folder, String(rounds)] });
    expect(await dead.line()).toBe('holding');
    await dead.kill();
    const startAt = String(Date.now() + 1000);
    const takers = [0, 1, 2].map(() => startChild(taker, { arguments: [folder, String(rounds), startAt] }));
    const results = await Promise.all(takers.map(async (child) => JSON.parse((await child.line())!) as boolean[]));
    const winners = Array.from({ length: rounds }, (_, round) => results.filter((result) => result[round]).length);
    expect(winners).toEqual(Array.from({ length: rounds }, () => 1));
    expect(readdirSync(folder).filter((name) => name.includes('after'))).toEqual([]);
  });

  test('of three processes that take a free lock at once, exactly one wins, 60 times', async () => {
    const folder = temporaryFolder();
    const startAt = String(Date.now() + 1000);
    const takers = [0, 1, 2].map(() => startChild(taker, { arguments: [folder, '60', startAt] }));
    const results = await Promise.all(takers.map(async (child) => JSON.parse((await child.line())!) as boolean[]));
    for (let round = 0; round < 60; round++) expect(results.filter((result) => result[round])).toHaveLength(1);
  });
});
