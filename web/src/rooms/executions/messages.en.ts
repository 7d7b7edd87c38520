export const executions = {
  title: "Executions",
};
