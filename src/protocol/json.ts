/**
 * What all files of a run folder share: JSON in which a number may be NaN or infinite, and a version `v` that
 * lets a reader say "written by a newer SCRKD" instead of misreading.
 */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';

/** The version of every contract in this folder. It grows when an old reader could misread a new file. */
export const protocolVersion = 1;

/**
 * A number that a training may make: JSON has no NaN and no infinity, and a loss that became NaN is just what a
 * researcher has to see, so these three are written as strings (`toJson`) and read back as numbers.
 */
export const measured = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

/** A count: an integer ≥ 0. */
export const count = z.int().min(0);

/** A moment, ISO 8601 in UTC. For people only: clocks jump, so nothing is ordered by it. */
export const moment = z.iso.datetime({ offset: true });

/** A SHA-256 digest, 64 lower-case hexadecimal digits. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What came of reading untrusted JSON. `newer-version`: written by a newer SCRKD, whose `v` is given. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: 'invalid'; message: string } | { ok: false; reason: 'newer-version'; version: number };

/** Serialises on one line; NaN and infinities become the strings that `measured` reads. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'number' && !Number.isFinite(field) ? String(field) : field), indent);
}

/** Validates `value` (parsed JSON) against a versioned contract. Fields that the contract does not name are dropped. */
export function parseVersioned<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const version = versionOf(value);
  if (version !== undefined && version > protocolVersion) return { ok: false, reason: 'newer-version', version };
  const result = schema.safeParse(value);
  return result.success ? { ok: true, value: result.data } : { ok: false, reason: 'invalid', message: firstProblem(result.error) };
}

/** Like `parseVersioned`, from text. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'invalid', message: l10n.t('is not JSON') };
  }
  return parseVersioned(schema, value);
}

/** The integer in the field `v`, if `value` is an object with one. */
export function versionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('v' in value)) return undefined;
  return typeof value.v === 'number' && Number.isInteger(value.v) ? value.v : undefined;
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return error.message;
  const field = issue.path.map(String).join('.');
  return field === '' ? issue.message : l10n.t('field "{0}": {1}', field, issue.message);
}
