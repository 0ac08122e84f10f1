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
    if (event.key === "Escape") document.querySelector("[data-close]")?.click();
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
  window.addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((each) => each.removeAttribute("aria-busy")));
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
