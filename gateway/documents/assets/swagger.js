// Starts Swagger UI; a file of its own because the page's policy allows no inline scripts.
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#ui",
    deepLinking: true,
    displayRequestDuration: true,
    validatorUrl: null, // the default asks a server on the internet
  });
});
