(function () {
  var wanted = null;
  try {
    wanted = localStorage.getItem("treadle.theme");
  } catch {
    // Storage may be denied; the system's theme is then the one.
  }
  var dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
