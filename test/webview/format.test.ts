import { describe, expect, it } from 'vitest';
import { clock, duration, fixed, percent, quantity, significant, superscript } from '../../webview/shared/format.ts';

describe('numbers in panels', () => {
  it('carry a true minus, and none for nothing', () => {
    expect(fixed(-0.5, 2)).toBe('\u22120.50');
    expect(fixed(-0.0001, 2)).toBe('0.00');
    expect(fixed(undefined, 2)).toBe('–');
    expect(fixed(NaN, 2)).toBe('NaN');
    expect(fixed(-Infinity, 2)).toBe('\u2212∞');
  });

  it('keep significant digits over magnitudes', () => {
    expect(significant(0.02434)).toBe('0.0243');
    expect(significant(2e-5)).toBe('2 × 10⁻⁵');
    expect(significant(-123456)).toBe('\u22121.23 × 10⁵');
    expect(significant(868.9)).toBe('869');
    expect(superscript(-12)).toBe('⁻¹²');
  });

  it('show losses with at most four decimals', () => {
    expect([0.00644, 0.217, 0.869, 3.456, 31.78, 456.7, 0].map(quantity)).toEqual(['0.0064', '0.217', '0.869', '3.46', '31.8', '457', '0']);
    expect(quantity(0.0000064)).toBe('6.4 × 10⁻⁶');
  });

  it('say shares and durations', () => {
    expect([percent(0.254), percent(0.001), percent(0), percent(NaN)]).toEqual(['25 %', '< 1 %', '0 %', '–']);
    expect([duration(1014), duration(59.6), duration(7260), duration(90_000), duration(undefined)]).toEqual(['16 min 54 s', '1 min 0 s', '2 h 1 min', '1 d 1 h', '–']);
    expect([clock(1660), clock(3723)]).toEqual(['27:40', '1:02:03']);
  });
});
