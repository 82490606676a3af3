/** An event without its number. */
export type Unnumbered = { type: string; [field: string]: unknown };

/** Writes the events of one output item. */
export interface OutputItem {
  readonly id: string;
  readonly index: number;
  /** The events that end it. */
  close(status: "completed" | "incomplete"): Unnumbered[];
  /** The item in its current state; complete once it is closed. */
  item(): object;
}
