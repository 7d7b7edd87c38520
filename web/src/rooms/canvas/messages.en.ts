export const canvas = {
  missingType: "Not installed: {type}",
  pinned: "Its output is pinned",
  disabled: "Disabled",
  problems: "{count, plural, one {# problem} other {# problems}}",
  note: "Sticky note",
  itemCount: "{count, plural, one {# item} other {# items}}",
  insertHere: "Insert a node here",
  disconnect: "Remove the connection",
  marks: { added: "added", removed: "removed", changed: "changed" },
};
