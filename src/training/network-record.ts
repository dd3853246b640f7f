import * as z from 'zod';
import { methodNames, methods, type MethodOptions } from '../config/catalog/methods.ts';
import { modelNames, models, type ModelOptions } from '../config/catalog/models.ts';
import type { NetworkDefinition } from '../distillation/network.ts';

const options = z.record(z.string(), z.unknown());

/** As it stands in a file: options that did not exist when it was written have their default. */
const fields = z.object({
  model: z.enum(modelNames),
  options,
  height: z.int().min(1).max(8192),
  width: z.int().min(1).max(8192),
  adapter: z.object({ method: z.enum(methodNames), options }).exactOptional(),
});

/** The definition of a network as files hold it, so that weights explain themselves. Files are not trusted: every option is checked. */
export const networkRecord = fields.transform((value, context): NetworkDefinition => {
  const { model, adapter, height, width } = value;
  const modelOptions = models[model].options.safeParse({ ...models[model].defaults, ...value.options });
  const adapterOptions = adapter && methods[adapter.method].options.safeParse({ ...methods[adapter.method].presets.default, ...adapter.options });
  if (!modelOptions.success || adapterOptions?.success === false) {
    context.addIssue({ code: 'custom', message: 'unknown options', input: value });
    return z.NEVER;
  }
  return { model, options: modelOptions.data as ModelOptions, height, width, ...(adapter && { adapter: { method: adapter.method, options: adapterOptions!.data as MethodOptions } }) };
});
