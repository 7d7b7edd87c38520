export const templates = {
  title: "Templates",
  summary: "Workflows to begin with. Each runs as it is: no account elsewhere is needed.",
  use: "Use it",
  useNamed: "Use it: {template}",
  basics: "Basics",
  python: "Python",
  webhooks: "Webhooks",
  schedules: "Schedules",
  data: "Data",
  reliability: "Reliability",
};
