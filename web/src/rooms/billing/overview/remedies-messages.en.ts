/** Ways out where a subscription is neither paid nor ended. */
export const remedies = {
  pay: "Pay what is open",
  paid: "It is paid: the plan goes on.",
  goOn: "Let the plan go on",
  wentOn: "The plan goes on.",
  endNow: "End it now",
  endNowTitle: "End the subscription to {plan} now?",
  endNowDetail:
    "It ends at once, and another can be begun. What was not delivered has not to be paid; what was is collected no more, but stays open in the invoices. Nothing is deleted: the workspace is on the free plan.",
  paidOncePaid: {
    month: "{plan} at {amount} a month waits",
    year: "{plan} at {amount} a year waits",
  },
  why: "Why do you cancel?",
  whyHint: "You need not say; it helps us.",
  notSaid: "I would rather not say",
  reasons: {
    too_expensive: "It costs too much",
    missing_features: "Something is missing",
    switched_service: "I use something else",
    unused: "I do not use it",
    customer_service: "The support was not good",
    too_complex: "It is too complicated",
    low_quality: "It does not work well",
    other: "Something else",
  },
  comment: "What could be better?",
  oneTrial: "One trial for each person, company and card: with a card that had one, the plan is paid at once.",
  ended: "The subscription has ended.",
};
