/** What stands on the meter of a limit. */
export const meter = {
  unlimited: "{used} used, without limit",
  usedOf: "{used} of {included} used",
  forecast: "At this pace {amount} by {day}.",
  reached: "The limit is reached on {day}.",
  capReached: "What is paid for beyond the plan is used up on {day}.",
  full: "The limit is reached.",
  capFull: "What is paid for beyond the plan is used up.",
  refuse: "At the limit, more is refused.",
  queue: "At the limit, executions wait until there is room again.",
  overageSoFar: "So far {quantity} beyond the plan: {amount}, {forecast} expected by {day}.",
  overage: "At the limit, up to {cap} more are paid for, {price} per 1,000.",
};
