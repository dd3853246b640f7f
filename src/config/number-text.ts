/** As a person writes a small rate: 2e-5, not 0.00002. */
export function numberText(value: number): string {
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential() : String(value);
}

/** `1.5 GB` and the like, to two digits. */
export function bytesText(bytes: number): string {
  return scaled(bytes, 'B');
}

/** A count as people say it: `42.6 M`. */
export function countText(count: number): string {
  return scaled(count, '').trim();
}

function scaled(value: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T'];
  let step = 0;
  let rest = value;
  while (rest >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step += 1;
  }
  const digits = rest >= 100 || step === 0 ? 0 : rest >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)} ${prefixes[step]!}${unit}`;
}
