// Loads htmx, and does what htmx does not. Every form works without either; and never with htmx
// alone, which would take the language buttons for its own: hence the loading from here.
(() => {
  const htmx = document.createElement("script");
  htmx.src = document.currentScript.dataset.htmx;
  document.head.append(htmx);
  const trouble = (shown) => {
    const box = document.getElementById("trouble");
    if (box) box.hidden = !shown;
  };
  // The language switcher submits the form to another address: a whole new page, not a swap.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.name === "language_switch") event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:before:request", () => trouble(false));
  // The server is away, unwell or refuses: say so; nothing that was typed is touched.
  // Only 422 and 429 come back as the form itself (see noSwap in layouts/form.html).
  document.addEventListener("htmx:error", () => trouble(true));
  document.addEventListener("htmx:response:error", (event) => {
    if (![422, 429].includes(event.detail.ctx.response.status)) trouble(true);
  });
})();
