// The little that HTML can't: keys, and a button that says that it was pressed. Every page works without.
(() => {
  "use strict";
  let going = false;
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector(".login[open]")) document.querySelector("[data-close]")?.click();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (going) {
      going = false;
      document.querySelector(`[data-key="${CSS.escape({ l: "orders", o: "overview", i: "invoices", p: "processes" }[event.key] ?? "")}"]`)?.click();
    } else if (event.key === "g") going = true;
    else if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (box) event.preventDefault();
      box?.focus();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "x") document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click();
    else if (event.key === "?") document.getElementById("shortcuts")?.togglePopover();
  });
  document.addEventListener("submit", (event) => event.submitter?.setAttribute("aria-busy", "true"));
  const rest = () => document.querySelectorAll("[aria-busy]").forEach((each) => each.removeAttribute("aria-busy"));
  window.addEventListener("pageshow", rest);
  // A menu that is wider than a telephone shows where somebody is.
  const settle = () => {
    const menu = document.querySelector(".side nav"), here = menu?.querySelector("[aria-current=page]");
    if (here) menu.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - menu.clientWidth / 2;
  };
  settle();
  // The server doesn't answer: a bar says from when the page is, until it does.
  let drawn = new Date();
  const gone = (is) => {
    const bar = document.querySelector("[data-gone]");
    if (!bar) return;
    bar.querySelector("time").textContent = drawn.toLocaleTimeString(document.documentElement.lang);
    bar.hidden = !is;
  };
  document.addEventListener("htmx:sendError", () => { gone(true); rest(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, boosted, serverResponse, requestConfig, target } = event.detail;
    const ours = boosted && serverResponse.includes('id="main"');
    gone(xhr.status >= 500 && !ours);
    if (xhr.status >= 400 && !ours) event.detail.shouldSwap = false;
    if (target.id === "login") {
      event.detail.ignoreTitle = true;
      if (!target.contains(requestConfig.elt)) asked = requestConfig.elt;
    }
    if (boosted && (target.id === "login" || !event.detail.shouldSwap)) rest();
  });
  // The session is over: the login comes over the page, and what was typed stays in its form.
  let asked = null;
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target, back = document.querySelector("[data-back]");
    if (dialog.id !== "login") return;
    if (dialog.querySelector("form")) return dialog.open || dialog.showModal();
    dialog.close();
    back.hidden = false;
    asked?.closest("dialog, .b, section, main")?.prepend(back);
    asked?.querySelector("button.main, button:last-of-type")?.focus();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.boosted || event.detail.target.id === "login") return;
    drawn = new Date();
    settle();
  });
  // An order follows itself: a part that somebody is at stays as it is, and a bar says so.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const part = event.detail.target;
    if (!part.contains(document.activeElement) && !part.querySelector("input:checked, details[open]")) return;
    event.preventDefault();
    document.querySelector("[data-older]")?.removeAttribute("hidden");
  });
  // What is due counts down, from what the page said when it came: whether this clock is right doesn't matter.
  const sizes = [86400, 3600, 60, 1];
  const seen = new WeakMap();
  const left = (seconds, units) => {
    const first = sizes.findIndex((size) => seconds >= size);
    const numbers = sizes.map((size, place) => Math.floor((place > first ? seconds % sizes[place - 1] : seconds) / size));
    return [first, first + 1].filter((place) => numbers[place]).map((place) => `${numbers[place]} ${units[place]}`).join(" ");
  };
  setInterval(() => document.querySelectorAll("time[data-left]").forEach((each) => {
    if (!seen.has(each)) seen.set(each, Date.now());
    const seconds = Number(each.dataset.left) - Math.round((Date.now() - seen.get(each)) / 1000);
    const said = seconds > 0 ? each.dataset.in.replace("{time}", left(seconds, each.dataset.units.split(" "))) : each.dataset.now;
    if (each.textContent !== said) each.textContent = said;
  }), 1000);
  // Pictures: larger, smaller, pulled, and a state that is looked for.
  document.addEventListener("click", (event) => {
    const by = Number(event.target.closest?.("[data-zoom]")?.dataset.zoom);
    const svg = by && event.target.closest("section").querySelector(".picture svg");
    if (svg) for (const side of ["width", "height"]) svg.setAttribute(side, Math.round(Number(svg.getAttribute(side)) * by));
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-find]")) return;
    const sought = event.target.value.trim().toLowerCase();
    const states = [...event.target.closest("section").querySelectorAll("[data-state]")];
    const found = sought ? states.filter((each) => each.dataset.state.includes(sought)) : [];
    states.forEach((each) => each.classList.toggle("found", found.includes(each)));
    found[0]?.scrollIntoView({ block: "nearest", inline: "center" });
  });
  document.addEventListener("pointermove", (event) => {
    const picture = event.buttons === 1 && event.pointerType === "mouse" ? event.target.closest?.("[data-picture]") : null;
    picture?.scrollBy(-event.movementX, -event.movementY);
  });
})();
