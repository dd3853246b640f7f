/** As a person writes a small rate: 2e-5, not 0.00002. */
export function numberText(value: number): string {
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential() : String(value);
}
