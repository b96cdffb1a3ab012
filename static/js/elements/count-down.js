// <count-down seconds="842"><p>Open until 15:17 <strong></strong></p><progress max="900" value="842"></progress></count-down>
// The server decides when the time is over; this only shows how much is left.
customElements.define("count-down", class extends HTMLElement {
  connectedCallback() {
    this.end = Date.now() + this.getAttribute("seconds") * 1000;
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.next);
  }

  tick() {
    const left = Math.max(0, Math.round((this.end - Date.now()) / 1000));
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
    this.querySelector("progress").value = left;
    this.querySelector("strong").textContent = left ? clock : "Time is over";
    if (left) this.next = setTimeout(() => this.tick(), 1000);
    else document.dispatchEvent(new Event("time-over"));
  }
});
