/** Numbers as the panels show them: true minus, no thousands lost, nothing that jumps in width. */
import * as l10n from '@vscode/l10n';

const minus = '\u2212';

/** Replaces the hyphen of negative numbers by a minus. */
export function withMinus(text: string): string {
  return text.replaceAll('-', minus);
}

/** A number with `digits` decimals; `–` when there is none, its name when it is not finite. */
export function fixed(value: number | undefined, digits: number): string {
  if (value === undefined) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`;
  const text = value.toFixed(digits);
  return withMinus(Number(text) === 0 ? text.replace('-', '') : text);
}

/** A number with `digits` significant digits, in powers of ten below 0.001 and from 100,000 on: losses range over many magnitudes. */
export function significant(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return fixed(value, 0);
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -3 || magnitude > 4) return power(value, digits);
  return fixed(value, Math.max(0, digits - 1 - magnitude));
}

/** `2 × 10⁻⁵` */
function power(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  const shown = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${withMinus(shown)} × 10${superscript(Number(exponent))}`;
}

/** An integer in raised digits. */
export function superscript(value: number): string {
  const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return String(value).replaceAll('-', '⁻').replace(/\d/g, (digit) => raised[Number(digit)]!);
}

/** A loss or another quantity of unknown magnitude: three significant digits, at most four decimals. */
export function quantity(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value) || value === 0) return fixed(value, 0);
  const size = Math.abs(value);
  if (size < 0.001 || size >= 100_000) return significant(value, 3);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
}

/** A whole percentage; a share that is not nothing is not shown as 0 %. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share > 0 && share < 0.005) return '< 1 %';
  return `${fixed(100 * share, 0)} %`;
}

/** `16 min 54 s`, for people to read at leisure. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return l10n.t('{0} d {1} h', days, hours);
  if (hours > 0) return l10n.t('{0} h {1} min', hours, minutes);
  if (minutes > 0) return l10n.t('{0} min {1} s', minutes, whole % 60);
  return l10n.t('{0} s', whole);
}

/** `27:40` or `1:02:03`, for columns. */
export function clock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const gibibyte = 1024 ** 3;
