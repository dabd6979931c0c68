// Small ways with the document.

export const by = (id) => document.getElementById(id);

export function show(id, isShown) { by(id).toggleAttribute("hidden", !isShown); } // SVG knows no .hidden

/** Writes only what changed: screen readers speak of changes. */
export function write(id, text) {
  const place = by(id);
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === "";
}

export function press(id, work) {
  by(id).addEventListener("click", async () => {
    const button = by(id);
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // no second press while the first works
    try {
      await work();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

/** Shows one of the pages and says its heading to screen readers. */
export function turnTo(name) {
  for (const page of document.querySelectorAll("main > section")) page.hidden = page.id !== "page-" + name;
  document.body.dataset.page = name;
  scrollTo(0, 0);
  const heading = document.querySelector("#page-" + name + " h1");
  if (heading) heading.focus();
}
