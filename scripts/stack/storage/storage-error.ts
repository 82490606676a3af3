/** An error of the Storage API, with the platform's names and messages. */
export class StorageError extends Error {
  override name = "StorageError";
  readonly status: number;
  readonly code: string;
  readonly error: string;

  /**
   * @param status The status that the body states.
   * @param code The platform's name of the error.
   * @param error An older name of the same, which the body has as well.
   */
  constructor(status: number, code: string, message: string, error = code) {
    super(message);
    this.status = status;
    this.code = code;
    this.error = error;
  }

  /** As the platform answers: 400 for everything that is the client's fault, the real status inside. */
  response(): Response {
    const { status, code, error, message } = this;
    return Response.json(
      { statusCode: String(status), code, error, message },
      { status: status >= 500 ? status : 400 },
    );
  }
}

/** The errors that have one sentence. */
export const refusals = {
  accessDenied: (message = "Access denied") =>
    new StorageError(403, "AccessDenied", message, "Unauthorized"),
  bucketNotFound: () =>
    new StorageError(404, "NoSuchBucket", "Bucket not found", "Bucket not found"),
  exists: () =>
    new StorageError(409, "KeyAlreadyExists", "The resource already exists", "Duplicate"),
  invalidJwt: (message: string) => new StorageError(400, "InvalidJWT", message),
  invalidKey: (key: string) => new StorageError(400, "InvalidKey", `Invalid key: ${key}`),
  invalidRange: () =>
    new StorageError(400, "InvalidRange", "invalid range provided", "invalid_range"),
  invalidRequest: (message: string) => new StorageError(400, "InvalidRequest", message),
  mimeType: (type: string) =>
    new StorageError(
      415,
      "InvalidMimeType",
      `mime type ${type} is not supported`,
      "invalid_mime_type",
    ),
  notFound: () => new StorageError(404, "NoSuchKey", "Object not found", "not_found"),
  notLocal: (what: string) =>
    new StorageError(
      501,
      "NotSupported",
      `${what} is not part of the local stack. Use a hosted project for it.`,
    ),
  tooLarge: () =>
    new StorageError(
      413,
      "EntityTooLarge",
      "The object exceeded the maximum allowed size",
      "Payload too large",
    ),
} as const;
