/** What administrators are told about billing; the kinds are those of `billing/alerts/administrator.py`. */
export const administratorAlerts = {
  title: "Alerts about billing",
  none: "Nothing to tell",
  noneHint: "When Stripe refuses usage, a refund fails or a workspace pays twice, it is told here and by mail.",
  facts: "What is known",
  factNames: {
    job: "Job",
    failures: "Failures in a row",
    workspace_id: "Workspace",
    amount: "Amount",
    currency: "Currency",
    reason: "Reason",
    error: "Error",
    subscription: "Subscription",
    customer: "Customer",
    charge: "Payment",
    invoice: "Invoice",
    quantity: "Quantity",
    since: "Since",
  },
  kinds: {
    refused_usage: { title: "Stripe refused usage that is owed", remedy: "It is tried again. Look at the error; while it lasts, this usage is on no invoice." },
    second_subscription: {
      title: "A workspace paid for a second subscription",
      remedy: "The second one was cancelled at once and what was paid for it is paid back. Nothing has to be done unless the refund fails.",
    },
    account_unreadable: {
      title: "An account could not be read from Stripe for an hour",
      remedy: "It is tried again. Until then the workspace keeps what it had; look at the error.",
    },
    customer_deleted: { title: "A customer was deleted at Stripe", remedy: "The workspace is on the plan Free; a new customer is made when it subscribes again." },
    foreign_subscription: {
      title: "A customer has a subscription that Treadle did not make",
      remedy: "Treadle leaves it alone. End it at Stripe if it is not meant to be paid beside Treadle's.",
    },
    refund_failed: { title: "A refund failed", remedy: "The money is still with Stripe. Pay it back in another way, or try again." },
    housekeeping_failing: {
      title: "Work on the side fails again and again",
      remedy: "It is tried again, ever more seldom, and nothing else waits for it. Look at the error; the scheduler's log says more.",
    },
    payment_disputed: { title: "A customer disputes a payment", remedy: "Answer the dispute in Stripe's dashboard before its deadline." },
  },
};
