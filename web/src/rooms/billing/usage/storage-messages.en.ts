export const storage = {
  title: "Stored now",
  stored: "{bytes} altogether.",
  storedOf: "{bytes} of {included}.",
  measured: "Measured",
  notYet: "It is measured once an hour, and has not been yet.",
  kinds: {
    events: "What triggers brought",
    steps: "Outputs and logs of steps",
    executions: "Executions",
    workflows: "Workflows, drafts and triggers",
    versions: "Versions of workflows",
    node_history: "What nodes remember",
    credentials: "Credentials and variables",
    files: "Files",
  },
};
