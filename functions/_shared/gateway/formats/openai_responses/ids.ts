/*
 * Ids of responses and of their items. An id contains the UUID of its turn or message, so an item
 * can be found by its id, and ids are the same in the events of a stream, in the whole response and
 * in storage.
 */

/** The object that an id refers to: the turn that answered, or a message from the caller. */
export interface NamedItem {
  /** The UUID of a turn or of a message. */
  uuid: string;
  kind: "message" | "reasoning" | "call";
  /** Index among the calls of the answer; 0 for other items. */
  at: number;
}

const PATTERN = /^(msg|rs|fc|ctc|fco|ctco)_([0-9a-f]{32})([0-9a-f]{2,4})?$/;

/** An id with its prefix: `resp_…` for the response of a turn. */
export function idOf(prefix: string, uuid: string, at?: number): string {
  const number = at === undefined ? "" : at.toString(16).padStart(2, "0");
  return `${prefix}_${uuid.replaceAll("-", "")}${number}`;
}

/** The id of the turn that a response's id names; null for an id of another form. */
export function turnIdOf(responseId: string): string | null {
  const hex = responseId.match(/^resp_([0-9a-f]{32})$/)?.[1];
  return hex ? asUuid(hex) : null;
}

/** Parses the id of an item; null for an id in another form, which is not one of ours. */
export function namedItem(id: string): NamedItem | null {
  const [, prefix, hex, number] = id.match(PATTERN) ?? [];
  if (!prefix || !hex) return null;
  const kind = prefix === "msg" ? "message" : prefix === "rs" ? "reasoning" : "call";
  return { uuid: asUuid(hex), kind, at: number ? parseInt(number, 16) : 0 };
}

function asUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
