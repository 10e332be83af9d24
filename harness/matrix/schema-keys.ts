import { z } from 'zod';

/** The keys that an object schema knows at a place of its data, for suggestions; none where the place is no object. */
export function keysOfSchema(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const reached = path.reduce<readonly z.ZodType[]>(
    (schemas, key) => schemas.flatMap(alternatives).flatMap((one) => childrenOf(one, key)),
    [schema],
  );
  return [...new Set(reached.flatMap(alternatives).flatMap(keysOf))];
}

const keysOf = (schema: z.ZodType): string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

function childrenOf(schema: z.ZodType, key: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child: unknown = schema.shape[String(key)];
    return child instanceof z.ZodType ? [child] : [];
  }
  if (schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodType) return [schema.valueType];
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodType) return [schema.element];
  return [];
}

/** A schema without its wrappers (optional, default, nullable); a union's branches. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodExactOptional
  ) {
    const inner: unknown = schema.unwrap();
    return inner instanceof z.ZodType ? alternatives(inner) : [];
  }
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? alternatives(schema.in) : [];
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => (option instanceof z.ZodType ? alternatives(option) : []));
  }
  return [schema];
}
