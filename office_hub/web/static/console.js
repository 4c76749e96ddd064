// The clerk's console: shows the newest view of the office and posts commands, each until it is answered.

const boot = JSON.parse(document.body.dataset.boot);
const byId = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(boot.language, {hour: "2-digit", minute: "2-digit", timeZone: boot.timezone});
const RETRY_MS = [300, 1000, 2000, 4000];
let view = null;
let busy = false;
let sending = false;
let elsewhere = [];
let asking = false;
let shownHelps = "[]";
const OFFICES_MS = 1000;
const NOTES = `noted-${boot.counter}`;

function say(key, places = {}) {
  const text = boot.texts[key] ?? boot.texts.failed_other;
  return text.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const named = (id) => boot.services.find((service) => service.id === id)?.name ?? "";
const mine = () => view?.counters.find((counter) => counter.id === boot.counter);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

async function post(command, request = newId()) {
  const body = JSON.stringify({request, command: {counter: boot.counter, ...command}});
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch("/api/command", {method: "POST", headers: {"content-type": "application/json"}, body});
      if (answer.status === 401) location.reload();
      if (answer.status < 500) return await answer.json();
    } catch { /* the same request is posted again: the hub answers it once */ }
    byId("told").textContent = say("hub_away");
    await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
  }
}

async function command(action, more = {}) {
  if (busy) return;
  busy = true;
  showActions();
  const answer = await post({action, ...more});
  busy = false;
  byId("told").textContent = answer.answer === "done"
    ? say(answer.code ? "did_refer" : answer.service ? "did_finish_on" : `did_${action}`, {...answer, service: named(answer.service)})
    : say(`refused_${answer.reason}`, answer);
  showActions();
}

// What was served by paper is kept by the browser until the hub has answered for it, also over a reload.

const notes = () => JSON.parse(localStorage.getItem(NOTES) ?? "[]");

function keepNotes(list) {
  localStorage.setItem(NOTES, JSON.stringify(list));
  byId("noted").textContent = list.length ? say("noted", {labels: list.map((note) => note.label).join(", ")}) : "";
}

function note(label) {
  if (label) keepNotes([...notes(), {label, at: Date.now(), request: newId()}]);
  sendNotes();
}

async function sendNotes() {
  if (sending) return;
  sending = true;
  for (let first = notes()[0]; first; first = notes()[0]) {
    const ago = Math.round((Date.now() - first.at) / 1000);
    const answer = await post({action: "served_by_paper", label: first.label, ago_s: Math.max(0, ago)}, first.request);
    if (answer.reason === "not_signed_in") break; // kept: it is sent once somebody has signed in here again
    keepNotes(notes().filter((kept) => kept.request !== first.request));
    byId("told").textContent = answer.answer === "done"
      ? say("did_served_by_paper", answer) : say(`refused_${answer.reason}`, {label: first.label});
  }
  sending = false;
}

function showCurrent() {
  const ticket = mine()?.ticket;
  const box = byId("current");
  box.replaceChildren();
  if (!ticket) {
    box.append(element("p", say("nobody_here"), {class: "label empty"}));
    return;
  }
  box.append(element("p", [ticket.label, ...ticket.also].join(" · "), {class: "label"}));
  box.append(element("p", ticket.service_name, {class: "what"}));
  const facts = [say(`state_${ticket.state}`), ticket.language.toUpperCase()];
  if (ticket.slot_ms) facts.push(say("booked_at", {time: clock.format(ticket.slot_ms)}));
  if (ticket.persons > 1) facts.push(say("party", {n: ticket.persons}));
  if (ticket.calls > 1) facts.push(say("called_times", {n: ticket.calls}));
  box.append(element("p", facts.join(" · "), {class: "facts"}));
  if (ticket.then.length) box.append(element("p", follows(ticket), {class: "facts"}));
  if (ticket.coming) box.append(element("p", say("coming"), {class: "facts"}));
  if (ticket.flag) box.append(element("p", say(`flag_${ticket.flag}`), {class: "flag"}));
}

const follows = (ticket) => say("then", {services: ticket.then.join(", ")});

function showActions() {
  const ticket = mine()?.ticket;
  const fits = {
    call_next: !ticket, recall: ticket?.state === "called", start: ticket?.state === "called",
    finish: Boolean(ticket), no_show: ticket?.state === "called", park: Boolean(ticket), transfer: Boolean(ticket),
    end_visit: Boolean(ticket?.then.length), "walk-in": !view?.doors_closed, "take-paper": true,
  };
  for (const button of document.querySelectorAll("#actions button")) {
    const name = button.dataset.action ?? button.dataset.dialog;
    button.disabled = name !== "by-paper" && (busy || !view || !fits[name]);
    if (name === "end_visit") button.hidden = !ticket?.then.length;
  }
}

function remarks(ticket) {
  const marks = [];
  if (ticket.priority) marks.push(say("priority"));
  if (ticket.persons > 1) marks.push(say("party", {n: ticket.persons}));
  if (ticket.then.length) marks.push(follows(ticket));
  if (ticket.arrival_err_ms < 0) marks.push(say("arrival_unknown"));
  if (ticket.counter) marks.push(say("for_counter", {counter: ticket.counter}));
  if (ticket.coming) marks.push(say("coming"));
  if (ticket.flag) marks.push(say(`flag_${ticket.flag}`));
  return marks.join(" · ");
}

function rows(tickets) {
  return tickets.map((ticket) => {
    const row = document.createElement("tr");
    row.append(
      element("th", [ticket.label, ...ticket.also].join(" · "), {scope: "row"}), element("td", ticket.service_name),
      element("td", clock.format(ticket.arrived_ms)), element("td", ticket.slot_ms ? clock.format(ticket.slot_ms) : ""),
      element("td", remarks(ticket)),
    );
    const cell = document.createElement("td");
    const call = element("button", say("call"), {"data-ticket": ticket.id, "aria-label": `${say("call")} ${ticket.label}`});
    call.disabled = Boolean(mine()?.ticket);
    cell.append(call);
    row.append(cell);
    return row;
  });
}

function item(strong, rest, button) {
  const line = document.createElement("li");
  line.append(element("strong", strong), element("span", rest));
  if (button) line.append(button);
  return line;
}

function keepFocus(change) {
  const held = document.activeElement?.dataset?.ticket;
  change();
  if (held) document.querySelector(`[data-ticket="${CSS.escape(held)}"]`)?.focus();
}

function show(newest) {
  view = newest;
  showCurrent();
  showActions();
  byId("total").textContent = view.waiting_total;
  keepFocus(() => {
    byId("waiting").replaceChildren(...rows(view.waiting));
    byId("set-aside").replaceChildren(...view.set_aside.map((ticket) => {
      if (ticket.code) return item(ticket.label, say("state_referred", ticket));
      const parked = ticket.state === "parked";
      const button = element("button", say(parked ? "resume" : "call"), {"data-ticket": ticket.id, "data-resume": parked});
      button.disabled = !parked && Boolean(mine()?.ticket);
      return item(ticket.label, say(`state_${ticket.state}`), button);
    }));
  });
  byId("counters").replaceChildren(...view.counters.map((counter) =>
    item(counter.name, counter.clerk ? counter.ticket?.label ?? say("free") : say("closed"))));
  byId("services").replaceChildren(...view.services.map((service) =>
    item(String(service.waiting), `${service.name}${service.wait_min === null ? "" : ` · ${say("minutes", {n: service.wait_min})}`}`)));
  byId("devices").replaceChildren(...Object.entries(view.devices).sort().map(([device, on]) =>
    item(device, say(on ? "device_on" : "device_off"))));
  showHelps();
  byId("doors").textContent = say(view.doors_closed ? "open_doors" : "close_doors");
}

function showHelps() {
  const newest = JSON.stringify(view.helps);
  if (newest === shownHelps) return; // else a screen reader would say them with each change of the queue
  shownHelps = newest;
  byId("help").hidden = view.helps.length === 0;
  keepFocus(() => byId("helps").replaceChildren(...view.helps.map((call) => {
    const where = `${say("help_at", call)} · ${clock.format(call.since_ms)}`;
    if (call.clerk) return item(where, say("help_goes", call));
    return item(where, "", element("button", say("help_go"), {"data-ticket": `help-${call.device}`, "data-help": call.device}));
  })));
}

async function goHelp(device) {
  const body = JSON.stringify({device});
  try {
    const answer = await (await fetch("/api/help", {method: "POST", headers: {"content-type": "application/json"}, body})).json();
    if (answer.answer !== "done") byId("told").textContent = say(`refused_${answer.reason}`);
  } catch { byId("told").textContent = say("hub_away"); }
}

function choices(select, items, none) {
  select.replaceChildren(...(none ? [element("option", none, {value: ""})] : []),
    ...items.map((one) => element("option", one.name, {value: one.id})));
}

function showServicesOf(office) {
  choices(byId("to-service"), office ? office.services : boot.services, office ? "" : "—");
  byId("to-counter").value = "";
  byId("here").hidden = Boolean(office);
}

async function askOffices() {
  try {
    const answer = await fetch("/api/offices", {signal: AbortSignal.timeout(OFFICES_MS)});
    elsewhere = answer.ok ? await answer.json() : [];
  } catch { elsewhere = []; /* the hub is away: this office alone */ }
  choices(byId("to-office"), elsewhere, view.office);
  byId("elsewhere").hidden = elsewhere.length === 0;
  showServicesOf(null);
}

// The dialog opens once it is known where to send people: its first field has the focus then.
async function open(name) {
  const dialog = byId(name);
  if (name === "transfer") {
    if (asking) return;
    asking = true;
    await askOffices();
    asking = false;
    if (document.querySelector("dialog[open]")) return;
  }
  for (const field of dialog.querySelectorAll("input:not([type])")) field.value = "";
  // not "close", which comes a moment later: the next dialog may be open by then, and what was typed gone
  dialog.querySelector("form").onsubmit = (event) => {
    const ticket = mine()?.ticket;
    if (event.submitter?.value !== "ok") return;
    if (name === "walk-in") {
      command("add_walk_in", {service: byId("walk-in-service").value, language: byId("walk-in-language").value,
        priority: byId("walk-in-priority").checked});
    } else if (name === "by-paper") {
      note(byId("paper-label").value.trim().toUpperCase());
    } else if (name === "take-paper") {
      command("take_paper", {code: byId("paper-code").value});
    } else if (ticket) {
      const office = byId("to-office").value;
      command("transfer", {ticket: ticket.id, rev: ticket.rev, service: byId("to-service").value,
        to_counter: office ? "" : byId("to-counter").value, to_office: office});
    }
  };
  dialog.showModal();
}

function listen() {
  keepNotes(notes());
  sendNotes();
  const source = new EventSource("/events");
  source.onmessage = (event) => {
    show(JSON.parse(event.data));
    byId("link").textContent = view.broker_on ? "" : say("broker_away");
  };
  source.onerror = () => { byId("link").textContent = say("hub_away"); };
}

for (const counter of boot.counters) {
  if (counter.id !== boot.counter) byId("to-counter").append(element("option", counter.name, {value: counter.id}));
}
for (const language of boot.languages) byId("walk-in-language").append(element("option", language.toUpperCase(), {value: language}));

byId("to-office").addEventListener("change", (event) =>
  showServicesOf(elsewhere.find((office) => office.id === event.target.value)));

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  if ("close" in button.dataset) button.closest("dialog").close();
  else if (button.dataset.action === "end_visit") command("finish", {whole: true});
  else if (button.dataset.action) command(button.dataset.action);
  else if (button.dataset.dialog) open(button.dataset.dialog);
  else if (button.dataset.help) goHelp(button.dataset.help);
  else if (button.dataset.ticket) command(button.dataset.resume === "true" ? "resume" : "call_ticket", {ticket: button.dataset.ticket});
  else if (button.id === "doors") command(view.doors_closed ? "open_doors" : "close_doors");
});

document.addEventListener("keydown", (event) => {
  // a letter typed before the dialog is there is meant for it, and no command
  if (asking || event.ctrlKey || event.altKey || event.metaKey || event.repeat || document.querySelector("dialog[open]")) return;
  const button = document.querySelector(`#actions button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button && !button.disabled) { event.preventDefault(); button.click(); }
});

showActions();
listen();
