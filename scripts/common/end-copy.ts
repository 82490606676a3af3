import type { Readable } from "node:stream";

/**
 * Lets a connection go on after all rows of a COPY … TO STDOUT were read. The driver stops reading
 * from its socket while the stream is full; where that was so at the last row, nothing asks it to
 * read again, and the transaction would wait for its own end.
 */
export function endCopy(rows: Readable): void {
  rows._read(0);
}
