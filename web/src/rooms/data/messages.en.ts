export const data = {
  nothing: "No data yet.",
  itemFailed: "Failed: {message}",
  ports: "Ports",
  view: "View",
  items: "{count, plural, one {# item} other {# items}}",
  table: "Table",
  json: "JSON",
  schema: "Schema",
  download: "Download as JSON",
  insert: "Insert {field}",
};
