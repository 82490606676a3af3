import { z } from "zod";
import type { Visitor } from "../_shared/auth/caller.ts";
import { ApiError } from "../_shared/core/errors.ts";
import {
  containerOf,
  lengthOf,
  millisecondsOf,
  RECORDING_TYPES,
} from "../_shared/gateway/formats/transcription/container.ts";
import { assertRecording, MAX_FORM } from "../_shared/gateway/formats/transcription/schema.ts";
import type { Admission } from "../_shared/http/admission.ts";
import { parseBody } from "../_shared/http/parse_body.ts";
import { readForm } from "../_shared/http/read_form.ts";
import type { Recordings } from "../_shared/net/storage.ts";
import type { WidgetDatabase } from "./db.ts";
import { recordingSchema } from "./schema.ts";

/** The dependencies of visitors' recordings. */
export interface RecordingDeps {
  widgets: Pick<WidgetDatabase, "message" | "setRecording">;
  recordings: Recordings;
  admission: Admission;
}

/**
 * Stores the recording of a visitor's message, once.
 *
 * @throws {ApiError} 404 for a message that is not the visitor's, 409 for one that has a recording.
 */
export async function addRecording(
  request: Request,
  visitor: Visitor,
  messageId: string,
  { widgets, recordings, admission }: RecordingDeps,
): Promise<Response> {
  const admitted = admission.enter(request);
  try {
    // Checked before a large body is read.
    const message = await widgets.message(visitor, idOf(messageId));
    const { folder, path, is_own, is_recorded } = message;
    if (!is_own) throw notFound();
    if (!is_recorded) {
      throw new ApiError(
        "recording_not_kept",
        "Cannot store the recording: this agent does not keep recordings. Send only the text of the message.",
      );
    }
    if (path !== null) throw exists();
    const form = await readForm(request, MAX_FORM, admitted.arrived);
    const { file } = parseBody(recordingSchema, form);
    assertRecording(file);
    const container = containerOf(file.bytes) ?? "webm";
    const stored = `${folder}/${crypto.randomUUID()}.${container}`;
    await recordings.store(stored, file.bytes, RECORDING_TYPES[container]);
    const duration_ms = millisecondsOf(lengthOf(file.bytes));
    if (!await widgets.setRecording(visitor, messageId, { path: stored, duration_ms })) {
      // Another request was faster.
      await recordings.remove([stored]);
      throw exists();
    }
    return Response.json({ message_id: messageId, duration_ms }, { status: 201 });
  } finally {
    admitted.leave();
  }
}

/**
 * Plays the recording of a message of the visitor's own session.
 *
 * @throws {ApiError} 404 for a message without one.
 */
export async function playRecording(
  request: Request,
  visitor: Visitor,
  messageId: string,
  { widgets, recordings }: RecordingDeps,
): Promise<Response> {
  const { path } = await widgets.message(visitor, idOf(messageId));
  if (path === null) {
    throw new ApiError("recording_not_found", "The message has no recording.");
  }
  const { status, headers, body } = await recordings.read(path, request.headers.get("range"));
  const kept = ["content-type", "content-length", "content-range", "accept-ranges", "etag"]
    .flatMap((name): [string, string][] => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    });
  return new Response(body, { status, headers: [...kept, ["cache-control", "private, no-store"]] });
}

function idOf(text: string): string {
  const id = z.uuid().safeParse(text);
  if (id.success) return id.data;
  throw notFound();
}

function notFound(): ApiError {
  return new ApiError("message_not_found", "The conversation has no such message of the visitor.");
}

function exists(): ApiError {
  return new ApiError("recording_exists", "The message already has a recording.");
}
