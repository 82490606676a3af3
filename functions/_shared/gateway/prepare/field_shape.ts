/**
 * The parts of a value that are sent on. "scalar": only a text, a number or a boolean; "json": any
 * value; an object: the fields that it names; a list with one shape: that shape of each element. A
 * scalar is also sent in place of an object or a list.
 */
export type Shape = "scalar" | "json" | readonly [Shape] | { readonly [field: string]: Shape };
