// Keeps the page fresh and tells of a call. Old phones have this too: no newer language than 2009's, and what is not there is not used.
(function () {
  "use strict";
  var box = document.getElementById("ticket"), line = document.getElementById("line");
  if (!box) { return; }
  var sound = null, before = mark(), title = document.title, blink = null;

  function mark() {
    var section = box.querySelector("[data-state]");
    return section ? section.getAttribute("data-state") + section.getAttribute("data-calls") : "";
  }

  function tone(at, hertz) {
    var oscillator = sound.createOscillator(), gain = sound.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.5, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    oscillator.connect(gain);
    gain.connect(sound.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.5);
  }

  function tell() {
    var n;
    if (navigator.vibrate) { navigator.vibrate([400, 200, 400, 200, 400]); }
    if (sound) {
      for (n = 0; n < 3; n += 1) {
        tone(sound.currentTime + n * 1.2, 880);
        tone(sound.currentTime + n * 1.2 + 0.42, 659);
      }
    }
    clearInterval(blink);
    n = 0;
    blink = setInterval(function () {
      n += 1;
      document.title = n % 2 && n < 60 ? "● " + title : title;
      if (n >= 60) { clearInterval(blink); }
    }, 1000);
  }

  function show(html) {
    var open = box.querySelector("details[open]"), now;
    box.innerHTML = html;
    if (open && box.querySelector("details")) { box.querySelector("details").open = true; }
    now = mark();
    if (now !== before && now.indexOf("called") === 0) { tell(); }
    before = now;
  }

  function again() { window.setTimeout(function () { window.location.reload(); }, 20000); }

  var button = document.querySelector("#sound button"), Audio = window.AudioContext || window.webkitAudioContext;
  if (button && (Audio || navigator.vibrate)) {
    button.parentNode.hidden = false;
    button.onclick = function () {
      if (Audio) { sound = new Audio(); tone(sound.currentTime, 880); }
      button.hidden = true;
      button.parentNode.querySelector("span").hidden = false;
    };
  }

  if (!window.EventSource) { again(); return; }
  var source = new window.EventSource(box.getAttribute("data-live"));
  source.onmessage = function (event) { line.hidden = true; show(event.data); };
  source.onopen = function () { line.hidden = true; };
  source.onerror = function () {
    line.hidden = false;
    if (source.readyState === 2) { again(); }  // refused: too many are alive; come back later
  };
}());
