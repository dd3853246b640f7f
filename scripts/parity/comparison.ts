import type { PrintedNumber } from './printed-json.ts';

/** One number of a record against ours. `null`: no such value. */
export interface Comparison {
  readonly quantity: string;
  readonly value: number | null;
  readonly expected: number | null;
  /** Relative to the reference's scale. */
  readonly deviation: number;
  readonly tolerance: number;
  readonly passes: boolean;
}

export interface RecordReport {
  readonly record: string;
  /** Empty when the record is of a model or method that is not built. */
  readonly comparisons: readonly Comparison[];
  readonly isAvailable: boolean;
}

/**
 * @param tolerance relative to `scale`; half a unit of the last printed digit is always granted.
 * @param scale default: the expected magnitude.
 */
export function compare(quantity: string, value: number, { value: expected, halfUnit }: PrintedNumber, tolerance: number, scale = Math.abs(expected)): Comparison {
  const granted = Math.max(tolerance, scale > 0 ? halfUnit / scale : 0);
  const difference = Math.abs(value - expected);
  const deviation = difference === 0 ? 0 : difference / scale;
  return { quantity, value, expected, deviation, tolerance: granted, passes: deviation <= granted };
}

/** A value that must not exist, such as the gradient of a frozen teacher. */
export function compareAbsent(quantity: string, value: number | null): Comparison {
  return { quantity, value, expected: null, deviation: 0, tolerance: 0, passes: value === null };
}

export function compareShape(quantity: string, shape: readonly number[], expected: readonly number[]): Comparison {
  const isEqual = shape.length === expected.length && shape.every((side, axis) => side === expected[axis]);
  return { quantity: `${quantity} ${shape.join('x')} for ${expected.join('x')}`, value: null, expected: null, deviation: isEqual ? 0 : Infinity, tolerance: 0, passes: isEqual };
}

function cell(value: number | null): string {
  return value === null ? 'none' : Number(value.toPrecision(9)).toString();
}

/** The table of one record, a line a number. */
export function formatReport({ record, comparisons, isAvailable }: RecordReport): string {
  if (!isAvailable) return `not available: ${record}`;
  const lines = comparisons.map(({ quantity, value, expected, deviation, tolerance, passes }) =>
    [passes ? '  ok  ' : '  FAIL', quantity.padEnd(44), cell(value).padStart(16), cell(expected).padStart(16), deviation.toExponential(1).padStart(9), tolerance.toExponential(1).padStart(9)].join(' '),
  );
  const header = ['      ', 'quantity'.padEnd(44), 'value'.padStart(16), 'expected'.padStart(16), 'deviation', 'tolerance'].join(' ');
  return [record, header, ...lines].join('\n');
}
