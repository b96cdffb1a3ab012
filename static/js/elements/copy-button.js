// <copy-button for="id"><button><span>Copy</span></button></copy-button>: copies the text of #id and says so.
// <copy-button></copy-button> on a slip: copies the value beside it. Its button is made here: a slip has many.
const LEAF = { viewBox: "0 0 16 16", width: 16, height: 16, fill: "none", stroke: "currentColor", "aria-hidden": "true" };

customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button") ?? this.make();
    this.button.addEventListener("click", this);
    this.button.prepend(this.draw("svg", LEAF, this.draw("path", { d: "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3", "stroke-width": 1.5 })));
    this.said = document.createElement("span");
    this.said.className = "hidden";
    this.said.setAttribute("role", "status");
    this.append(this.said);
  }

  async handleEvent() {
    const source = document.getElementById(this.getAttribute("for")) ?? this.closest("dl").querySelector("code");
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      this.say("Copied");
    } catch {
      getSelection().selectAllChildren(source); // no clipboard on plain http: leave it selected for the reader's own keys
      this.say("Selected: press Ctrl+C");
    }
  }

  make() {
    const button = document.createElement("button");
    const [label, name] = [document.createElement("span"), document.createElement("span")];
    const slip = this.closest(".slip")?.querySelector("h3").firstChild.textContent.trim();
    const value = this.closest("dl").querySelector("dt").textContent;
    Object.assign(button, { type: "button", className: "button quiet small" });
    Object.assign(name, { className: "hidden", textContent: ` ${[value, slip].filter(Boolean).join(", ")}` });
    label.append("Copy", name);
    button.append(label);
    this.append(button);
    return button;
  }

  draw(name, attributes, ...inside) { // here and not in the page: without scripts there is no button
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...inside);
    return element;
  }

  say(words) {
    const label = this.button.querySelector("span");
    this.before ??= [...label.childNodes];
    label.textContent = this.said.textContent = words;
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      label.replaceChildren(...this.before);
      this.said.textContent = "";
    }, 1600);
  }
});
