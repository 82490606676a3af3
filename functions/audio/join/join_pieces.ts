import { ApiError } from "../../_shared/core/errors.ts";
import type { SpokenForm } from "../voice_schema.ts";
import { flacJoiner } from "./flac.ts";
import { type Joiner, JoinError } from "./joiner.ts";
import { oggJoiner } from "./ogg.ts";
import { wavJoiner } from "./wav.ts";

const NOTHING = new Uint8Array();

/** MP3 and AAC consist of frames without a file header, so pieces are concatenated. */
const UNCHANGED: Joiner = { add: (bytes) => bytes, endPiece: () => NOTHING };

const JOINERS: Readonly<Record<SpokenForm, () => Joiner>> = {
  mp3: () => UNCHANGED,
  aac: () => UNCHANGED,
  wav: wavJoiner,
  opus: oggJoiner,
  flac: flacJoiner,
};

/**
 * Creates the joiner of a format for a number of pieces. A single piece is passed on unchanged.
 *
 * Its functions throw an {@linkcode ApiError} 502 for pieces that cannot be joined.
 */
export function joinPieces(form: SpokenForm, pieces: number): Joiner {
  if (pieces === 1) return UNCHANGED;
  const joiner = JOINERS[form]();
  const explained = (join: () => Uint8Array): Uint8Array => {
    try {
      return join();
    } catch (thrown) {
      if (!(thrown instanceof JoinError)) throw thrown;
      throw new ApiError(
        "upstream_error",
        `Cannot join the ${pieces} pieces in which the answer was spoken as ${form}: ` +
          `${thrown.message}. Set response_format to mp3.`,
      );
    }
  };
  return {
    add: (bytes) => explained(() => joiner.add(bytes)),
    endPiece: (isLast) => explained(() => joiner.endPiece(isLast)),
  };
}
