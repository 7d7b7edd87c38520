export const builder = {
  title: "Editor",
};
