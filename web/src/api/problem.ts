/** An error answer of the API (RFC 9457), or what stood in the way of getting one. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  /** Everything else that the answer carried, such as `current` or `upgrade_url`. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Record<string, unknown>) {
    const title = typeof body.title === "string" ? body.title : "Something went wrong";
    const detail = typeof body.detail === "string" ? body.detail : "";
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [];
    this.more = body;
  }

  /** The message for one field, by JSON pointer. */
  at(pointer: string): string | undefined {
    return this.errors.find((one) => one.pointer === pointer)?.message;
  }
}

export interface FieldProblem {
  pointer: string;
  message: string;
}

/** Status 0: the server was not reached. */
export const UNREACHED = 0;
