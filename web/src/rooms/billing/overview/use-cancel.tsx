import { useState, type ReactNode } from "react";
import type { Subscription } from "../billing-queries";
import { CancelDialog } from "../downgrades/cancel-dialog";

/** Asks whether the subscription is to end, with what would be too much then. */
export function useCancel(subscription: Subscription): { cancel: () => void; dialog: ReactNode } {
  const [asks, setAsks] = useState(false);
  return {
    cancel: () => setAsks(true),
    dialog: asks ? <CancelDialog subscription={subscription} onClose={() => setAsks(false)} /> : null,
  };
}
