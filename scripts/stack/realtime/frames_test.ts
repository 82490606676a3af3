import { deepEqual, equal } from "node:assert/strict";
import { readFrame, writeFrame } from "./frames.ts";

Deno.test("frames of both versions are parsed, with numbers as references too, and invalid ones are refused", () => {
  const frame = {
    joinRef: "6",
    ref: "7",
    topic: "realtime:a",
    event: "phx_join",
    payload: { b: 1 },
  };
  deepEqual(readFrame("2.0.0", writeFrame("2.0.0", frame)), frame);
  deepEqual(readFrame("1.0.0", writeFrame("1.0.0", frame)), frame);
  equal(readFrame("2.0.0", `[6, 7, "t", "e", {}]`)?.ref, "7");
  equal(readFrame("2.0.0", `[null, null, "t", "e", {}]`)?.joinRef, null);
  for (
    const data of ["", "{}", "[]", "null", `["6"]`, new ArrayBuffer(0), Uint8Array.of(9).buffer]
  ) {
    equal(readFrame("2.0.0", data), null, String(data));
    equal(readFrame("1.0.0", data), null, String(data));
  }
  // Lengths that lead beyond the end, and a payload that is no JSON.
  equal(readFrame("2.0.0", Uint8Array.of(3, 0, 0, 255, 0, 0, 1, 65).buffer), null);
});
