// Starts Redoc; a file of its own because the page's policy allows no inline scripts.
window.addEventListener("load", () => {
  window.Redoc.init("/openapi.json", { hideDownloadButtons: false }, document.getElementById("ui"));
});
