// Shows the description of the API. The policy of the page allows no script within it, so this one stands beside it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const theme = root.dataset.theme;
    root.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && dark.matches));
  };
  paint();
  dark.addEventListener("change", paint);
  addEventListener("DOMContentLoaded", () => {
    SwaggerUIBundle({
      url: "/api/openapi.json",
      dom_id: "#swagger-ui",
      deepLinking: true,
      docExpansion: "list",
      // Nothing is sent to a validator on the internet.
      validatorUrl: null,
      presets: [SwaggerUIBundle.presets.apis],
    });
  });
})();
