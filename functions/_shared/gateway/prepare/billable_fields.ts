import { EXTRA_SHAPES } from "../quirks/extra_fields.ts";
import type { Shape } from "./field_shape.ts";
import type { Route } from "../turn_database.ts";

/**
 * The fields of a body that a route is sent. With the caller's own key, all fields are sent. With
 * any other credential, only those that the price of the turn covers: the fields of a list, and
 * those that the vendor's row adds (`vendors.extra_fields`). Others are left out rather than
 * refused, as client libraries send fields that their users do not know of.
 *
 * @param allowed The fields of this wire format that are sent on.
 */
export function billableFields(
  { credential, extra_fields }: Pick<Route, "credential" | "extra_fields">,
  body: object,
  allowed: { readonly [field: string]: Shape },
): Record<string, unknown> {
  if (credential === "own") return { ...body };
  const extras = (extra_fields ?? []).map((field) =>
    [field, EXTRA_SHAPES[field] ?? "scalar"] as const
  );
  return pickFields(body, { ...Object.fromEntries(extras), ...allowed });
}

/** The fields of an object that are sent on. */
export function pickFields(
  value: object,
  allowed: { readonly [field: string]: Shape },
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [field, child] of Object.entries(value)) {
    const shape = Object.hasOwn(allowed, field) ? allowed[field] : undefined;
    const picked = shape === undefined ? undefined : pick(child, shape);
    if (picked !== undefined) kept[field] = picked;
  }
  return kept;
}

/** undefined if no part of the value is sent on. */
function pick(value: unknown, shape: Shape): unknown {
  if (shape === "json" || typeof value !== "object" || value === null) return value;
  if (shape === "scalar") return undefined;
  if (!Array.isArray(value)) return isList(shape) ? {} : pickFields(value, shape);
  if (!isList(shape)) return [];
  return value.map((one) => pick(one, shape[0])).filter((one) => one !== undefined);
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
  return Array.isArray(shape);
}
