/**
 * Joins several pieces of audio, which are added one after the other, into one.
 *
 * Its functions throw a {@linkcode JoinError} for pieces that cannot be joined.
 */
export interface Joiner {
  /** Takes the next bytes of a piece. @returns The bytes that can be passed on; may be empty. */
  add(bytes: Uint8Array): Uint8Array;
  /** Ends a piece. @returns The rest of it. */
  endPiece(isLast: boolean): Uint8Array;
}

/** Why pieces of audio cannot be joined. */
export class JoinError extends Error {}
