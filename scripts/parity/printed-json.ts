/** JSON whose numbers keep the digits they were printed with: a reference of four digits can be met to half its last digit only. */

/** A number as printed. */
export interface PrintedNumber {
  readonly value: number;
  /** Half a unit of the last printed digit. */
  readonly halfUnit: number;
}

export type PrintedJson = PrintedNumber | string | boolean | null | readonly PrintedJson[] | { readonly [key: string]: PrintedJson };

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARK = '\u0001number:';

function printedNumber(text: string): PrintedNumber {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e') as [string, string?];
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  return { value: Number(text), halfUnit: 0.5 * 10 ** (Number(exponent) - decimals) };
}

/** @throws {SyntaxError} as JSON.parse */
export function parsePrintedJson(text: string): PrintedJson {
  const marked = text.replace(TOKEN, (token) => (token.startsWith('"') ? token : JSON.stringify(MARK + token)));
  return JSON.parse(marked, (_key, value: unknown) => (typeof value === 'string' && value.startsWith(MARK) ? printedNumber(value.slice(MARK.length)) : value)) as PrintedJson;
}

export type PrintedObject = Readonly<Record<string, PrintedJson>>;

export function isNumber(json: PrintedJson | undefined): json is PrintedNumber {
  return typeof json === 'object' && json !== null && 'halfUnit' in json;
}

export function isObject(json: PrintedJson | undefined): json is PrintedObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !isNumber(json);
}

export function listOf(json: PrintedJson | undefined): readonly PrintedJson[] {
  return Array.isArray(json) ? (json as readonly PrintedJson[]) : [];
}

export function numbersOf(json: PrintedJson | undefined): PrintedNumber[] {
  return listOf(json).filter(isNumber);
}
