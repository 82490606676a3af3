import { z } from "zod";
import { readUpstreamJson } from "../../../functions/_shared/gateway/call/upstream_json.ts";
import type {
  StreamedAnswer,
  WireFormat,
} from "../../../functions/_shared/gateway/formats/format.ts";
import { readUsage } from "../../../functions/_shared/gateway/quirks/usage_shapes.ts";
import { NO_ANSWER } from "../../../functions/_shared/gateway/settle/outcome.ts";
import { estimateUsage } from "../../../functions/_shared/gateway/token_estimate.ts";
import type { ErrorFormat } from "../../../functions/_shared/http/error_format.ts";
import { parseBody } from "../../../functions/_shared/http/parse_body.ts";

const bodySchema = z.object({ say: z.string().min(1), stream: z.boolean().optional() });
const answerSchema = z.looseObject({ echo: z.string(), usage: z.unknown().optional() });

/** The body of a request for an echo. */
export type EchoBody = z.infer<typeof bodySchema>;

/** The messages of such a request, as the database is given them. */
export const askedWhole = (say: string) => [{ role: "user", content: say }];

const event = (text: string) => new TextEncoder().encode(`data: ${text}\n\n`);

/** An error format unlike that of any other wire format. */
const echoErrors: ErrorFormat = {
  name: "EchoError",
  schema: z.object({ failed: z.string() }),
  write: ({ status, code, param }) => ({ status, body: { failed: code, param } }),
};

/** The smallest wire format with a stream: an upstream repeats what it is sent. */
export const echoFormat: WireFormat<EchoBody> = {
  kind: "chat",
  scope: "chat",
  path: "/echo",
  errors: echoErrors,
  maxBytes: ({ requestBytes }) => requestBytes,
  parse(json) {
    const body = parseBody(bodySchema, json);
    const turn = {
      model: null,
      session_id: null,
      title: null,
      messages: askedWhole(body.say),
      other_bytes: 0,
      other_tokens: 0,
      max_output_tokens: null,
    };
    return { body, turn, stream: body.stream === true };
  },
  upstreamBody: ({ say, stream }, _turn, route) => ({
    model: route.model,
    text: say,
    ...stream && { stream },
  }),
  readWhole(text, { endpoint, promptTokens }) {
    const { echo, usage } = readUpstreamJson(text, "echo", answerSchema, endpoint);
    const counted = readUsage(usage)?.usage ?? estimateUsage(promptTokens(), echo);
    return { answer: { ...NO_ANSWER, content: echo, usage: counted }, body: { said: echo } };
  },
  openStream: ({ promptTokens }) => echoStream(promptTokens),
  replay: (stored) => Response.json(stored),
};

function echoStream(promptTokens: () => number): StreamedAnswer {
  let said = "";
  let isFinished = false;
  return {
    take({ data }) {
      isFinished = data === "END";
      if (!isFinished) said += data;
      return { bytes: isFinished ? null : event(data), isLast: isFinished, error: null };
    },
    get isFinished() {
      return isFinished;
    },
    get hasOutput() {
      return said !== "";
    },
    id: null,
    answer: () => ({ ...NO_ANSWER, content: said || null }),
    estimate: () => estimateUsage(promptTokens(), said),
    complete: () => null,
    end: () => event("."),
    fail: ({ code }) => event(`!${code}`),
    stored: () => ({ said }),
  };
}
