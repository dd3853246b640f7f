/**
 * The root of every error this project throws on purpose. A caller decides by `reason`, never by the text;
 * the text is for people and names the file, field or line, what was found and what was expected.
 */
export abstract class ScrkdError<Reason extends string = string> extends Error {
  abstract readonly reason: Reason;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The reason of an error that this project threw on purpose; undefined of any other. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof ScrkdError ? (error as ScrkdError).reason : undefined;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ends an exhaustive `switch`: a new member of the union that is not handled does not compile. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
}
