// Loads htmx, and does what htmx does not. Every form works without either; and never with htmx
// alone, which would take the language buttons for its own: hence the loading from here.
(() => {
  const htmx = document.createElement("script");
  htmx.src = document.currentScript.dataset.htmx;
  document.head.append(htmx);
  const byId = (id) => document.getElementById(id);

  // Sending: a further press is dropped until there is an answer, or until none came for long.
  const QUICK = 500, LONG = 20000; // milliseconds
  let waiting = [], sent;
  const tell = (what) => {
    for (const words of document.querySelectorAll("[data-when]"))
      words.hidden = words.dataset.when !== what;
    byId("trouble").hidden = !what || what === "sending";
    byId("announcer").textContent = what === "sending" ? byId("sending").textContent : "";
  };
  const rest = (what) => {
    waiting.forEach(clearTimeout);
    byId("form")?.removeAttribute("aria-busy");
    if (byId("trouble")) tell(what);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // The language switcher submits the form to another address: a whole new page, not a swap.
    if (event.submitter?.name === "language_switch") return event.stopImmediatePropagation();
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return event.stopImmediatePropagation();
    }
    // What is checked now is checked with all the rest: a late answer must not undo that one's.
    for (const field of form.elements) field.dispatchEvent(new Event("htmx:abort"));
    rest();
    form.setAttribute("aria-busy", "true");
    waiting = [setTimeout(tell, QUICK, "sending"), setTimeout(rest, LONG, "late")];
  }, true);
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail, field = ctx.sourceElement;
    if (field.id === "form") sent = ctx;
    // No check while the form is on its way, nor of a value that the server has just judged.
    else if (field.form.hasAttribute("aria-busy")) event.preventDefault();
    else if (field.matches(".input") && field.value === field.defaultValue) event.preventDefault();
    else hold(event, field);
  });
  // Nothing moves under a finger or a mouse that is down: what its press leaves, or what is answered
  // meanwhile, is checked once it is up, unless the press has sent the form.
  let down = false, held;
  const hold = (event, field) => {
    if (!down || !field.matches(".input")) return;
    held = field;
    event.preventDefault();
  };
  addEventListener("pointerdown", () => { down = true; }, true);
  for (const up of ["pointerup", "pointercancel"])
    addEventListener(up, () => setTimeout(() => { // after the click that follows
      down = false;
      held?.dispatchEvent(new Event("change", { bubbles: true }));
      held = null;
    }), true);
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
      const left = e.getAttribute("aria-describedby").split(" ").filter((id) => byId(id));
      if (left.length) e.setAttribute("aria-describedby", left.join(" "));
      else e.removeAttribute("aria-describedby");
    }
    byId("announcer").textContent = "";
  });

  // Each answer says where it belongs (HX-Retarget); any other changes nothing. A check that
  // fails is silent, for sending checks again; a form that fails is told so, with all it holds.
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx === sent) rest(ctx.hx.retarget ? "" : ctx.response.status === 413 ? "large" : "refused");
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (!ctx || ctx === sent) rest(navigator.onLine ? "late" : "refused");
  });

  // In WebKit a link to a field scrolls to it, but leaves the keyboard behind.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest(".summary a");
    if (link) byId(link.hash.slice(1))?.focus();
  });

  // Back, Forward and reload: the page as it was left, kept where browsers keep what was typed for
  // Back, in the tab's own history. An answer (its first words have the focus) is kept whole.
  let path = location.pathname;
  const left = (title = document.title) => ({
    title,
    answer: !!document.querySelector("main [autofocus]"),
    parts: ["main", "languages"].map((id) => byId(id).outerHTML),
    typed: byId("form") && [...new FormData(byId("form"))],
  });
  const keep = () => history.replaceState(left(), "");
  const fill = (typed) => {
    for (const box of byId("form")?.elements ?? []) {
      const values = typed.filter(([name]) => name === box.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(box.type)) box.checked = values.includes(box.value);
      else if (box.type !== "hidden" && values.length) box.value = values[0];
    }
  };
  const show = ({ title, parts, typed }) => {
    document.title = title;
    for (const part of parts) {
      const made = document.createElement("template");
      made.innerHTML = part;
      byId(made.content.firstChild.id).replaceWith(made.content);
    }
    // Kept while something was on its way: nothing is any more.
    for (const e of document.querySelectorAll(".htmx-request")) e.classList.remove("htmx-request");
    window.htmx?.process(document.body);
    if (typed) fill(typed);
    rest();
  };
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    clearTimeout(typing);
    typing = 0;
    if (ctx.hx.pushurl) keep();
    else hold(event, ctx.sourceElement);
  });
  document.addEventListener("htmx:finally:swap", ({ detail: { ctx } }) => {
    if (!ctx.hx.pushurl) return keep();
    history.pushState(left(ctx.title), "", ctx.hx.pushurl);
    path = location.pathname;
  });
  addEventListener("popstate", ({ state }) => {
    if (path === location.pathname) return; // a jump within the page
    path = location.pathname;
    if (state?.parts && byId("announcer")) show(state);
    else location.reload();
  });
  // Soon after a key, too: a reload may come before the field is left. Safari stores a hundred times
  // in half a minute, and no more.
  let typing = 0;
  addEventListener("input", () => {
    typing ||= setTimeout(() => { typing = 0; keep(); }, 400);
  });
  addEventListener("change", keep);
  addEventListener("pagehide", keep); // on its own too late at times: the tab may have moved on
  addEventListener("pageshow", ({ persisted }) => persisted && rest());
  if (history.state?.answer) show(history.state);
  else if (history.state?.typed) fill(history.state.typed);
  keep(); // from here on, reload asks for the page and sends nothing again
})();
