/** An error answer of the API (RFC 9457), or what stood in the way of getting one. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  /** Set where the workspace's plan is what stands in the way. */
  readonly refusal: PlanRefusal | null;
  /** Everything else that the answer carried, such as `current`. */
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
    this.refusal = status === PAYMENT_REQUIRED ? refusalOf(body) : null;
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

/** Which limit of the plan refused something, how far it is used, and when it begins anew. */
export interface PlanRefusal {
  meter: string;
  limit: number | null;
  used: number | null;
  resetsAt: string | null;
  upgradeUrl: string;
}

/** Status 0: the server was not reached. */
export const UNREACHED = 0;
const PAYMENT_REQUIRED = 402;

/** A payment that a bank refused is a 402 as well, yet no larger plan helps: it has no address. */
function refusalOf(body: Record<string, unknown>): PlanRefusal | null {
  const { meter, limit, used, resets_at: resetsAt, upgrade_url: upgradeUrl } = body;
  if (typeof upgradeUrl !== "string" || !upgradeUrl) return null;
  return {
    meter: typeof meter === "string" ? meter : "",
    limit: typeof limit === "number" ? limit : null,
    used: typeof used === "number" ? used : null,
    resetsAt: typeof resetsAt === "string" ? resetsAt : null,
    upgradeUrl,
  };
}

/** Whether a larger plan would let this through. */
export function isPlanRefusal(error: unknown): boolean {
  return error instanceof Problem && error.refusal !== null;
}
