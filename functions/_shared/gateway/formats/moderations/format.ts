import { openaiErrors } from "../../../http/openai_errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import type { WireFormat } from "../format.ts";
import { MODERATION_FIELDS } from "./allowed_fields.ts";
import { readJudgements } from "./judgements.ts";
import {
  judgedMessages,
  type ModerationBody,
  moderationModel,
  parseModerationBody,
} from "./schema.ts";

/** OpenAI's moderation API. The ledger records only its cost. */
export const moderations: WireFormat<ModerationBody> = {
  kind: "moderation",
  scope: "moderations",
  path: "/moderations",
  errors: openaiErrors,
  maxBytes: ({ chatRequestBytes }) => chatRequestBytes,
  parse(json) {
    const body = parseModerationBody(json);
    const turn = {
      model: moderationModel(body),
      session_id: null,
      title: null,
      messages: judgedMessages(body),
      other_bytes: 0,
      other_tokens: 0,
      max_output_tokens: null,
    };
    return { body, turn, stream: false };
  },
  upstreamBody: (body, _turn, route) => ({
    ...billableFields(route, body, MODERATION_FIELDS),
    model: route.model,
  }),
  readWhole: readJudgements,
  replay: (stored) => Response.json(stored),
};
