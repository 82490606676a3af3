/**
 * What is sent on of a value: "scalar" sends a text, a number or a boolean and nothing else, "json"
 * all of it, an object the fields that it names, a list of one shape that shape of each element. A
 * scalar is also sent in place of an object or a list.
 */
export type Shape = "scalar" | "json" | readonly [Shape] | { readonly [field: string]: Shape };
