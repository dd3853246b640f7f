import { describe, expect, test } from 'vitest';
import { parseControlRequest } from '../../src/protocol/control.ts';
import { parseEpochLine } from '../../src/protocol/epochs.ts';
import { formatEventLine, parseEventLine, type RunEvent } from '../../src/protocol/events.ts';
import { toJson } from '../../src/protocol/json.ts';
import { parseManifest, parseNotes, parseState } from '../../src/protocol/run.ts';
import { exampleManifest, exampleStep } from '../runs/support/example-run.ts';

const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const time = '2025-06-01T12:00:00.000Z';
const state = { v: 1, state: 'running', attempt: 1, epoch: 0, epochs: 3, step: 1, stepsPerEpoch: 10, pid: 7, bootId: 'b', processStart: '1', host: 'h', heartbeat: time };

describe('events', () => {
  test('a loss that became NaN or infinite comes back as it was', () => {
    const event = { v: 1, seq: 0, attempt: 1, time, ...exampleStep(1, { terms: { sod: NaN, mvcd: -Infinity }, total: Infinity }) } as RunEvent;
    const line = formatEventLine(event);
    expect(line.endsWith('\n')).toBe(true);
    expect(parseEventLine(line.trim())).toEqual({ kind: 'event', event });
  });

  test('unknown types and newer versions are told apart from damage', () => {
    expect(parseEventLine('{"v":1,"seq":1,"attempt":1,"type":"hologram"}')).toEqual({ kind: 'unknown', type: 'hologram' });
    expect(parseEventLine('{"v":1,"type":"toString"}')).toEqual({ kind: 'unknown', type: 'toString' });
    expect(parseEventLine('{"v":2,"type":"step"}')).toEqual({ kind: 'newer-version', version: 2 });
    expect(parseEventLine('{"v":1,"seq":1,"type":"st')).toMatchObject({ kind: 'damaged' });
    expect(parseEventLine('\0\0\0')).toMatchObject({ kind: 'damaged' });
    expect(parseEventLine('null')).toMatchObject({ kind: 'damaged' });
    expect(parseEventLine('{"v":1,"type":"state","seq":-1,"attempt":1,"time":"2025-01-01T00:00:00Z","state":"running"}')).toMatchObject({ kind: 'damaged', message: expect.stringContaining('"seq"') as string });
  });

  test('fields that a newer minor version added are passed over', () => {
    expect(parseEventLine(`{"v":1,"seq":1,"attempt":1,"time":"${time}","type":"state","state":"running","mood":"good"}`)).toEqual({
      kind: 'event',
      event: { v: 1, seq: 1, attempt: 1, time, type: 'state', state: 'running' },
    });
  });
});

describe('manifest, state, notes', () => {
  test('are read, and refused with the field that is wrong', () => {
    const manifest = { v: 1, id, ...exampleManifest(), createdAt: time };
    expect(parseManifest(toJson(manifest))).toEqual({ ok: true, value: manifest });
    expect(parseManifest(toJson({ ...manifest, id: 'x' }))).toMatchObject({ reason: 'invalid', message: expect.stringContaining('"id"') as string });
    expect(parseManifest(toJson({ ...manifest, v: 3 }))).toEqual({ ok: false, reason: 'newer-version', version: 3 });
    expect(parseState(toJson(state))).toEqual({ ok: true, value: state });
    expect(parseState(toJson({ ...state, state: 'dancing' }))).toMatchObject({ reason: 'invalid' });
    expect(parseState('{"v":1,')).toMatchObject({ reason: 'invalid', message: 'is not JSON' });
    expect(parseState('[]')).toMatchObject({ reason: 'invalid' });
    expect(parseNotes('{"v":1,"tags":["a"],"colour":"red"}')).toEqual({ ok: true, value: { v: 1, tags: ['a'], colour: 'red' } });
    expect(parseEpochLine('{}')).toMatchObject({ reason: 'invalid' });
  });
});

describe('control requests', () => {
  const request = (verb: string, args: unknown, v = 1): string => JSON.stringify({ v, id, verb, args });

  test('every verb is read', () => {
    for (const verb of ['pause', 'resume', 'stop', 'stop-now', 'capture']) expect(parseControlRequest(request(verb, {}))).toMatchObject({ ok: true, value: { verb } });
    const args = { mvcd: 0, msfd: 2, dsd: 10, temperature: 4, learningRate: 1e-3 };
    expect(parseControlRequest(request('set', args))).toEqual({ ok: true, value: { v: 1, id, verb: 'set', args } });
  });

  test.each([
    ['unknown verb', request('explode', {})],
    ['arguments that mean nothing', request('stop', { now: true })],
    ['nothing to set', request('set', {})],
    ['negative weight', request('set', { dsd: -1 })],
    ['zero temperature', request('set', { temperature: 0 })],
    ['not a number', request('set', { dsd: '1' })],
    ['infinite', '{"v":1,"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","verb":"set","args":{"dsd":1e999}}'],
    ['bad id', JSON.stringify({ v: 1, id: '../../x', verb: 'stop', args: {} })],
  ])('refused: %s', (_name, text) => {
    const parsed = parseControlRequest(text);
    expect(parsed).toMatchObject({ ok: false, reason: 'invalid' });
    expect(parsed.ok || parsed.reason !== 'invalid' ? '' : parsed.message).not.toBe('');
  });

  test('of a newer version: says so', () => {
    expect(parseControlRequest(request('stop', {}, 2))).toEqual({ ok: false, reason: 'newer-version', version: 2 });
  });
});
