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
  // What was wrong with an answer, or guessed of it, goes as soon as it changes, and only then: a
  // screen reader is called back to what vanishes after one has gone on, and talked over by what is
  // said in the middle of a word. Whatever is wrong now is said when the field is left.
  document.addEventListener("input", ({ target }) => {
    const field = target.closest(".field");
    if (!field?.querySelector("[data-fleeting]")) return;
    for (const told of field.querySelectorAll("[data-fleeting]")) told.remove();
    field.normalize(); // as the server's answer will be: a white space that goes calls one back, too
    field.classList.remove("field--wrong");
    for (const e of field.querySelectorAll("[aria-invalid]")) e.removeAttribute("aria-invalid");
    for (const e of field.querySelectorAll("[aria-describedby]")) {
      const left = e.getAttribute("aria-describedby").split(" ").filter((id) => document.getElementById(id));
      if (left.length) e.setAttribute("aria-describedby", left.join(" "));
      else e.removeAttribute("aria-describedby");
    }
    document.getElementById("announcer").textContent = "";
  });
  // Safari's engine follows a link to a field with the ring, but what one types is lost.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest(".summary a");
    if (link) document.getElementById(link.hash.slice(1))?.focus();
  });
  // The server is away, unwell or refuses: say so; nothing that was typed is touched.
  // Only 422 and 429 come back as the form itself (see noSwap in layouts/form.html).
  document.addEventListener("htmx:error", () => trouble(true));
  document.addEventListener("htmx:response:error", (event) => {
    if (![422, 429].includes(event.detail.ctx.response.status)) trouble(true);
  });
})();
