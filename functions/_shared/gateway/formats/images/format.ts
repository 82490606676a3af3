import { openaiErrors } from "../../../http/openai_errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import type { WireFormat } from "../format.ts";
import { namedSession } from "../named_session.ts";
import { IMAGE_FIELDS } from "./allowed_fields.ts";
import { readImages } from "./images.ts";
import { replayImages } from "./replay.ts";
import { type ImageBody, parseImageBody } from "./schema.ts";
import { openImageStream } from "./stream.ts";
import { askedImages, imageUnits, mostImageTokens } from "./units.ts";

/**
 * OpenAI's image generation API, streamed or not. A turn that names a session stores its prompt in
 * the conversation, and a line of text in place of the images; of any other, the ledger records
 * only the cost.
 */
export const images: WireFormat<ImageBody> = {
  kind: "image",
  scope: "images",
  path: "/images/generations",
  errors: openaiErrors,
  maxBytes: ({ requestBytes }) => requestBytes,
  parse(json, headers) {
    const body = parseImageBody(json);
    const turn = {
      model: body.model ?? null,
      session_id: namedSession(headers),
      store: body.store !== false,
      title: null,
      messages: [{ role: "user", content: body.prompt }],
      other_bytes: 0,
      other_tokens: 0,
      max_output_tokens: mostImageTokens(body),
      units: imageUnits(askedImages(body)),
    };
    return { body, turn, stream: body.stream === true };
  },
  upstreamBody({ store: _store, ...body }, _turn, route) {
    return { ...billableFields(route, body, IMAGE_FIELDS), model: route.model };
  },
  readWhole: readImages,
  openStream: openImageStream,
  replay: replayImages,
};
