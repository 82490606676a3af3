/** An event without its number. */
export type Unnumbered = { type: string; [field: string]: unknown };

/** How an item that a response consists of is written. */
export interface OutputItem {
  readonly id: string;
  readonly index: number;
  /** The events that end it. */
  close(status: "completed" | "incomplete"): Unnumbered[];
  /** The item as it is; complete once it is closed. */
  item(): object;
}
