/** How a field of the config is declared: what it means stands with its type, for validation, completion, hover and the reference. */
import * as z from 'zod';

declare module 'zod' {
  interface GlobalMeta {
    /** Unit of a number. */
    unit?: string | undefined;
    /** Equation, section or table that the field or its default comes from. */
    source?: string | undefined;
    /** What is accepted, in words that follow 'expected'; where the type alone does not say it well. */
    form?: string | undefined;
    /**
     * What a text names. `stage`: one of this config. `config`, `weights`, `dataset`: a path. `config-stage`: `FILE#STAGE`.
     * `list`, `part`: a list file and a folder inside the dataset's folder. `sample`: one of its test images.
     */
    names?: 'stage' | 'config' | 'config-stage' | 'dataset' | 'weights' | 'list' | 'part' | 'sample' | undefined;
    /** Names of this block's fields in other programs and in earlier drafts of this format, by those names. */
    otherNames?: Readonly<Record<string, string>> | undefined;
    /** The type lets it be left out, since a stage that is given does; a stage that is trained needs it. */
    needed?: boolean | undefined;
    /** Values worth proposing where a type has too many to list them. */
    proposals?: readonly (string | number)[] | undefined;
    /** Values that are known and not built yet. */
    planned?: readonly string[] | undefined;
    /** Fields of this block that are known and not built yet. */
    plannedFields?: readonly string[] | undefined;
    /** What a block in place of a plain value would mean, when that is not built yet. */
    plannedBlock?: string | undefined;
  }
}

export type FieldMeta = z.GlobalMeta;

/** What a field says about itself; the outermost of its wrappers wins. */
export function metaOf(schema: z.core.$ZodType): FieldMeta {
  const own = z.globalRegistry.get(schema) ?? {};
  return schema instanceof z.ZodOptional ? { ...metaOf(schema.unwrap()), ...own } : own;
}

/** The type of a field without `optional`. */
export function typeOf(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? typeOf(schema.unwrap()) : schema;
}
