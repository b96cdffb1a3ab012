// <copy-button for="id"><button><svg/><span>Copy</span></button></copy-button>: copies the text of #id and says so.
customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", this);
    this.said = document.createElement("span");
    this.said.className = "hidden";
    this.said.setAttribute("role", "status");
    this.append(this.said);
  }

  async handleEvent() {
    const source = document.getElementById(this.getAttribute("for"));
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      this.say("Copied");
    } catch {
      getSelection().selectAllChildren(source); // no clipboard on plain http: leave it selected for the reader's own keys
      this.say("Selected: press Ctrl+C");
    }
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
