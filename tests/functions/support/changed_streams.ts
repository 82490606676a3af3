import fc from "fast-check";

// deno-lint-ignore no-explicit-any -- an event of any shape.
export type Json = any;

/** A change of a stream. */
export interface Change {
  at: number;
  field: number;
  /** undefined removes the field. */
  value: unknown;
  how: "field" | "repeat" | "swap" | "insert" | "drop";
}

/** Any change of a stream. */
export const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(50),
  field: fc.nat(50),
  value: fc.constantFrom<unknown>(undefined, null, 7, -1.5, true, "x", "", [], {}, [null], [{}], {
    text: "x",
  }),
  how: fc.constantFrom("field", "field", "field", "repeat", "swap", "insert", "drop"),
});

/** The events that a vendor streams, and how they may be changed. */
export interface VendorStream {
  events: readonly Json[];
  /** The vendor's usage, which is never changed. */
  usage: Json;
  /** The first position at which the usage may be. */
  usageFrom: number;
  /** Events that its format does not have. */
  unknown: readonly Json[];
}

/** A vendor's events after some changes. */
export function changed(vendor: VendorStream, changes: readonly Change[], usageAt: number): Json[] {
  const events: Json[] = structuredClone([...vendor.events]);
  for (const { at, field, value, how } of changes) {
    const place = at % Math.max(events.length, 1);
    if (how === "repeat") events.splice(place, 0, structuredClone(events[place] ?? {}));
    else if (how === "drop") events.splice(place, 1);
    else if (how === "insert") {
      events.splice(place, 0, structuredClone(vendor.unknown[field % vendor.unknown.length]));
    } else if (how === "swap") events.push(...events.splice(place, 1));
    else setField(events[place], field, value);
  }
  const from = Math.min(vendor.usageFrom, events.length);
  events.splice(from + usageAt % (events.length - from + 1), 0, vendor.usage);
  return events;
}

function setField(event: Json, at: number, value: unknown): void {
  const fields: [object: Json, name: string][] = [];
  const walk = (one: Json): void => {
    if (typeof one !== "object" || one === null) return;
    for (const name of Object.keys(one)) {
      fields.push([one, name]);
      walk(one[name]);
    }
  };
  walk(event);
  const [object, name] = fields[at % Math.max(fields.length, 1)] ?? [];
  if (object === undefined || name === undefined) return;
  if (value === undefined) delete object[name];
  else object[name] = structuredClone(value);
}
