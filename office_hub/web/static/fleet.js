"use strict";
// The page as it is now, every twenty seconds or as often as it says; never while somebody writes on it.
const everyMs = Number(document.currentScript.dataset.everyMs || 20000);
let touched = false;
document.addEventListener("input", () => { touched = true; });
setInterval(() => { if (!touched) location.reload(); }, everyMs);
